/** What people do to a conversation: one call, done once however often it is sent. */
import { newId } from "@jieti/lib/id"
import type { Act } from "@jieti/lib/wire"
import { post } from "./api.ts"

/** Place of the last event that it made. */
export async function act(conversation: string, what: Act, clientId = newId()): Promise<number> {
  return (await post("/api/staff/conversations/{id}/acts", { names: { id: conversation }, body: { client_id: clientId, act: what } })).seq
}
