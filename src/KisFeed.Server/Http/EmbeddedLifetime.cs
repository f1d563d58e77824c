using Microsoft.Extensions.Hosting;

namespace KisFeed.Server;

/// <summary>The lifetime of a server inside somebody else's program: signals to the process are that program's business.</summary>
internal sealed class EmbeddedLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
