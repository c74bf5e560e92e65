// Just enough of RFC 6455 for the fake server: text frames, close, ping.
import { createHash } from "node:crypto"
export function accept(req, socket) {
  const key = createHash("sha1").update(req.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64")
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`)
  const ws = { onmessage: () => {}, onclose: () => {}, send(o) {
    if (socket.destroyed) return
    const d = Buffer.from(JSON.stringify(o)); let h
    if (d.length < 126) h = Buffer.from([0x81, d.length])
    else if (d.length < 65536) { h = Buffer.alloc(4); h[0] = 0x81; h[1] = 126; h.writeUInt16BE(d.length, 2) }
    else { h = Buffer.alloc(10); h[0] = 0x81; h[1] = 127; h.writeBigUInt64BE(BigInt(d.length), 2) }
    socket.write(Buffer.concat([h, d]))
  }, close() { socket.end() } }
  let buf = Buffer.alloc(0)
  socket.on("data", (c) => {
    buf = Buffer.concat([buf, c])
    for (;;) {
      if (buf.length < 2) return
      let len = buf[1] & 127, at = 2
      if (len === 126) { if (buf.length < 4) return; len = buf.readUInt16BE(2); at = 4 }
      else if (len === 127) { if (buf.length < 10) return; len = Number(buf.readBigUInt64BE(2)); at = 10 }
      if (buf.length < at + 4 + len) return
      const mask = buf.subarray(at, at + 4), data = Buffer.from(buf.subarray(at + 4, at + 4 + len))
      for (let i = 0; i < len; i++) data[i] ^= mask[i & 3]
      const op = buf[0] & 15; buf = buf.subarray(at + 4 + len)
      if (op === 8) { socket.end(); return }
      if (op === 1) ws.onmessage(JSON.parse(data.toString()))
    }
  })
  socket.on("close", () => ws.onclose()); socket.on("error", () => {})
  return ws
}
