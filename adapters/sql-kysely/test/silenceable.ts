import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to a port that can be cut off as a network is: connections stay open, and nothing comes through. */
export interface Silenceable {
  readonly port: number;
  silence(): void;
  close(): void;
}

/** Makes one. */
export async function silenceable(target: number): Promise<Silenceable> {
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((client) => {
    sockets.add(client.setNoDelay().on("error", () => {}));
    if (isSilent) return void client.pause();
    const beyond = connect(target, "127.0.0.1")
      .setNoDelay()
      .on("error", () => {});
    sockets.add(beyond);
    client.on("data", (bytes) => isSilent || beyond.write(bytes));
    beyond.on("data", (bytes) => isSilent || client.write(bytes));
    client.on("close", () => beyond.destroy());
    beyond.on("close", () => isSilent || client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      isSilent = true;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
