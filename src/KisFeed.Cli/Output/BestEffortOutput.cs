namespace KisFeed.Cli.Output;

/// <summary>
/// Writes a status until it can no longer be written, because its reader has gone or does not read at the end, or it is a file on a full
/// disk. The work matters more than its status.
/// </summary>
internal sealed class BestEffortOutput<T>(CommandHost host, Output<T> output, string status, string work) : Output<T>
{
    private bool _hasFailed;

    public override void Write(T item)
    {
        if (!_hasFailed)
            output.Write(item);
    }

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) =>
        TryAsync(() => output.FlushAsync(cancellationToken));

    public override ValueTask DisposeAsync() => TryAsync(output.DisposeAsync);

    private async ValueTask TryAsync(Func<ValueTask> write)
    {
        if (_hasFailed)
            return;
        try
        {
            await write();
        }
        catch (Exception e) when (e is OutputClosedException or OperationCanceledException or IOException or ArgumentOutOfRangeException)
        {
            // .NET throws the last one for EFBIG: the file may not grow.
            _hasFailed = true;
            host.WriteMessage(UiText.Of(
                $"kisfeed: {status} can no longer be written: {e.Message}; {work} is not affected",
                $"kisfeed: {status}: 더 쓸 수 없습니다: {e.Message}. {work}에는 영향이 없습니다"));
        }
    }
}
