namespace KisFeed.Cli.Tests.Running;

/// <summary>An output that cannot be written to.</summary>
internal sealed class FailingStream(Exception failure) : MemoryStream
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw failure;
}
