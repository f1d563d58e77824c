namespace KisFeed.Cli.Tests.Running;

/// <summary>An output that interrupts the command on the first write, before the write returns.</summary>
internal sealed class InterruptingOutput(CancellationTokenSource interruption) : MemoryStream
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await base.WriteAsync(buffer, cancellationToken);
        await interruption.CancelAsync();
    }
}
