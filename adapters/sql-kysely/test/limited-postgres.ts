import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type DatabaseKind, postgres } from "./databases.ts";
import { through } from "./pgbouncer.ts";

/** What not every server knows that speaks PostgreSQL's language. */
const UNKNOWN = /skip locked|advisory|\blisten\b|\bnotify\b|pg_notify|\bctid\b/i;

/** PostgreSQL through a proxy that refuses statements with what is unknown, as a server refuses a wrong syntax. */
export const limitedPostgres: DatabaseKind = {
  name: "PostgreSQL's language without what not all servers know",
  async start() {
    const direct = await postgres.start();
    const { hostname, port } = new URL(direct.url ?? "");
    const server = createServer((client) => relay(client, connect(Number(port || 5432), hostname)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = new URL(direct.url ?? "");
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const features = { skipLocked: false, advisoryLocks: false, ctid: false };
    const limited = { ...direct, options: { ...direct.options, features }, url: url.href };
    return through(limited, url.href, () => server.close());
  },
};

function relay(client: Socket, server: Socket): void {
  for (const socket of [client, server]) socket.setNoDelay().on("error", () => {});
  client.on("close", () => server.destroy());
  server.pipe(client);
  let rest: Buffer = Buffer.alloc(0);
  let started = false;
  client.on("data", (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const head = started ? 1 : 0; // the first message has no type
      if (rest.length < head + 4) return;
      const length = head + rest.readInt32BE(head);
      if (rest.length < length) return;
      server.write(started ? refused(rest.subarray(0, length)) : rest.subarray(0, length));
      rest = rest.subarray(length);
      started = true;
    }
  });
}

/** The message, with what no server knows in place of a statement that is refused. */
function refused(message: Buffer): Buffer {
  const type = String.fromCharCode(message[0] ?? 0);
  if (type !== "Q" && type !== "P") return message;
  const from = type === "P" ? message.indexOf(0, 5) + 1 : 5; // after the statement's name
  const to = message.indexOf(0, from);
  if (!UNKNOWN.test(message.toString("utf8", from, to))) return message;
  const other = Buffer.concat([message.subarray(0, from), Buffer.from("refused"), message.subarray(to)]);
  other.writeInt32BE(other.length - 1, 1);
  return other;
}
