import { server } from "../../../lib/queue.js";

const handle = (request) => server.fetch(request);

export { handle as DELETE, handle as GET, handle as PATCH, handle as POST, handle as PUT };
