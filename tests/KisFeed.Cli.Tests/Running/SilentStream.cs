namespace KisFeed.Cli.Tests.Running;

/// <summary>Gives what it has, and then neither data nor an end; a read cannot be cancelled, as on a terminal.</summary>
internal sealed class SilentStream(byte[]? content = null) : MemoryStream(content ?? [], writable: false)
{
    private readonly TaskCompletionSource _wasDrained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _never = new();

    /// <summary>Completes when there is nothing left and more is asked for.</summary>
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
