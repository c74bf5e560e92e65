import { createRouter, createWebHistory } from "vue-router"

export const router = createRouter({
  history: createWebHistory("/console/"),
  routes: [
    { path: "/", redirect: "/wall" },
    { path: "/wall", component: () => import("./areas/wall/WallPage.vue") },
    { path: "/desk/:id?", component: () => import("./areas/desk/DeskPage.vue") },
    { path: "/silent", component: () => import("./areas/silent/SilentPage.vue") },
    { path: "/tickets/:id?", component: () => import("./areas/tickets/TicketsPage.vue") },
    { path: "/journeys", component: () => import("./areas/journeys/MapPage.vue") },
    { path: "/journeys/breaks", component: () => import("./areas/journeys/BreaksPage.vue") },
    { path: "/journeys/live", component: () => import("./areas/journeys/LivePage.vue") },
    { path: "/journeys/precursors", component: () => import("./areas/journeys/PrecursorsPage.vue") },
    { path: "/guidance/:id?", component: () => import("./areas/guidance/GuidancePage.vue") },
    { path: "/team", component: () => import("./areas/team/TeamPage.vue") },
    { path: "/inspection/figures", component: () => import("./areas/inspection/FiguresPage.vue") },
    { path: "/inspection/scorecard", component: () => import("./areas/inspection/ScorecardPage.vue") },
    { path: "/inspection/:id?", component: () => import("./areas/inspection/InspectionPage.vue") },
    { path: "/problems/cases/:id?", component: () => import("./areas/problems/CasesPage.vue") },
    { path: "/problems/:id?", component: () => import("./areas/problems/ProblemsPage.vue") },
    { path: "/knowledge/batch", component: () => import("./areas/knowledge/BatchPage.vue") },
    { path: "/knowledge/:id?", component: () => import("./areas/knowledge/KnowledgePage.vue") },
    { path: "/flows/:id?", component: () => import("./areas/flows/FlowsPage.vue") },
    { path: "/:rest(.*)", redirect: "/wall" },
  ],
})
