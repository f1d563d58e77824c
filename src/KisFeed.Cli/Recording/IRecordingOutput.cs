using KisFeed.Capture;

namespace KisFeed.Cli.Recording;

/// <summary>Shows how a recording is getting on.</summary>
internal interface IRecordingOutput : IAsyncDisposable
{
    /// <summary>Something was written, could not be, or a second has passed.</summary>
    ValueTask ShowAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions);

    /// <summary>The recording has ended.</summary>
    ValueTask EndAsync(CaptureRecorderStatus status, IReadOnlyList<SessionStatus> sessions);
}
