/** NestJS on Express: a provider for the service, a request that enqueues, and the server with its dashboard beside it. */
import "reflect-metadata";
import { getRequestListener } from "@hono/node-server";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer } from "@jobq/server";
import { createService, JobService } from "@jobq/service";
import {
  Body,
  Controller,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  Post,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

@Injectable()
class ClosesQueue implements OnApplicationShutdown {
  constructor(@Inject(JobService) private readonly svc: JobService) {}

  /** Called by `app.close()`, and by signals after `app.enableShutdownHooks()`. */
  onApplicationShutdown(): Promise<void> {
    return this.svc.close({ deadline: "10s" });
  }
}

@Controller()
class SignUp {
  constructor(@Inject(JobService) private readonly svc: JobService) {}

  @Post("sign-up")
  async signUp(@Body() body: { email: string }): Promise<{ id: string }> {
    return { id: await this.svc.enqueue("welcome", body) };
  }
}

@Module({
  controllers: [SignUp],
  providers: [
    ClosesQueue,
    { provide: JobService, useFactory: () => createService({ jobs: memoryJobs(), topics: memoryTopics() }) },
  ],
})
class AppModule {}

export async function createApp(): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule, { logger: false });
  const queue = createServer(app.get(JobService), { basePath: "/queue" });
  const listener = getRequestListener((request) => queue.fetch(request));
  // Before `listen`, so that it comes before the parsers of bodies; not by a path, which would be taken off the address.
  app.use((...[request, response, next]: [...Parameters<typeof listener>, () => void]) =>
    request.url?.startsWith("/queue/") ? listener(request, response) : next(),
  );
  return app;
}
