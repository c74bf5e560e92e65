/** The pages of the rail: where they are, their icon, who has use for them. People begin with the first that is theirs. */
import type { Role } from "@jieti/lib/wire"

export const pages = [
  { path: "/wall", name: "wall", icon: "M4 20V10M10 20V4M16 20v-8M21 20H3", roles: ["supervisor"] },
  { path: "/desk", name: "desk", icon: "M4 5h16v11H9l-5 4z", roles: ["agent", "supervisor"] },
  { path: "/silent", name: "silent", icon: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.500l3 3 5.500-6", roles: ["silent_seat", "supervisor"] },
  { path: "/tickets", name: "tickets", icon: "M4 7h16v3.500a1.500 1.500 0 0 0 0 3V17H4v-3.500a1.500 1.500 0 0 0 0-3zM14 7v10", roles: ["agent", "supervisor"] },
  { path: "/team", name: "team", icon: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 20c0-3.500 2.500-6 6-6s6 2.500 6 6M16 11a3 3 0 1 0 0-6M17 14c3 .5 5 2.500 5 6", roles: ["supervisor"] },
  { path: "/inspection", name: "inspection", icon: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM15 15l6 6M7 10l2 2 4-4", roles: ["supervisor", "inspector", "agent", "silent_seat"] },
  { path: "/knowledge", name: "knowledge", icon: "M5 4h9a4 4 0 0 1 4 4v12H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h10", roles: ["knowledge_editor", "agent", "silent_seat", "supervisor"] },
  { path: "/flows", name: "flows", icon: "M6 4h5v5H6zM14 15h5v5h-5zM8.500 9v4a2 2 0 0 0 2 2H14", roles: ["knowledge_editor", "supervisor"] },
  { path: "/problems", name: "problems", icon: "M12 3l9 16H3zM12 10v4M12 16.500v.5", roles: ["supervisor", "inspector", "knowledge_editor", "owner"] },
  { path: "/journeys", name: "journeys", icon: "M4 18c4 0 4-12 8-12s4 12 8 12M4 18h.01M12 6h.01M20 18h.01", roles: ["supervisor", "inspector", "knowledge_editor"] },
  { path: "/guidance", name: "guidance", icon: "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.500 10.800c.6.5 1 1.200 1 2.200h5c0-1 .4-1.700 1-2.200A6 6 0 0 0 12 3z", roles: ["supervisor", "knowledge_editor"] },
] as const satisfies readonly { path: string; name: string; icon: string; roles: readonly Role[] }[]
