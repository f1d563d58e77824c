namespace KisFeed.Cli.Tests.Running;

/// <summary>A stream that returns its data and then blocks without an end. Reads cannot be cancelled, as on a terminal.</summary>
internal sealed class SilentStream(byte[]? content = null) : MemoryStream(content ?? [], writable: false)
{
    private readonly TaskCompletionSource _wasDrained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _never = new();

    /// <summary>Completes when a read blocks.</summary>
    public Task WasDrained => _wasDrained.Task;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var length = await base.ReadAsync(buffer, CancellationToken.None);
        if (length > 0)
            return length;
        _wasDrained.TrySetResult();
        return await _never.Task;
    }
}
