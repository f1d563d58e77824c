namespace KisFeed.Capture;

/// <summary>
/// Stores the recording of a gateway elsewhere, for example in a database. It reads the files of the recording, so however slow it is, it
/// delays neither the gateway nor the recorder.
/// </summary>
public interface IRecordingSink : IAsyncDisposable
{
    /// <summary>The current status. Must return at once.</summary>
    RecordingSinkStatus Status { get; }

    /// <summary>
    /// Reads what the sink has stored, for the past that the folder of the recording does not have any more; <see langword="null"/>, the
    /// default, if it cannot. Must be thread-safe.
    /// </summary>
    ICaptureArchive? Archive => null;
}
