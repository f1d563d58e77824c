using KisFeed.Capture;
using KisFeed.Cli.Hosting;

namespace KisFeed.Cli.Recording;

/// <summary>
/// An output that recording does without once it cannot be written: because whoever read it has gone, or because it is a file on the very disk that is full.
/// What is recorded matters more than who is told.
/// </summary>
internal sealed class BestEffortOutput(CommandHost host, IRecordingOutput output) : IRecordingOutput
{
    private bool _isGone;

    public ValueTask ShowAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions) => TryAsync(() => output.ShowAsync(status, sessions));

    public ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions) => TryAsync(() => output.EndAsync(status, sessions));

    public ValueTask DisposeAsync() => TryAsync(output.DisposeAsync);

    private async ValueTask TryAsync(Func<ValueTask> write)
    {
        if (_isGone)
            return;
        try
        {
            await write();
        }
        catch (Exception e) when (e is OutputClosedException or IOException or ArgumentOutOfRangeException) // The last is what .NET throws where a file may not grow (EFBIG).
        {
            _isGone = true;
            host.Tell($"kisfeed: no more is told of how the recording is getting on: {e.Message}; the recording is none the worse for it");
        }
    }
}
