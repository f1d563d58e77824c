namespace KisFeed.Cli.Tests.Running;

/// <summary>An output that interrupts the command as soon as anything is written to it, which is before the writer can know that it was.</summary>
internal sealed class InterruptingOutput(CancellationTokenSource interruption) : MemoryStream
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await base.WriteAsync(buffer, cancellationToken);
        await interruption.CancelAsync();
    }
}
