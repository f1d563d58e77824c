using System.Buffers;
using KisFeed.Wire;

namespace KisFeed.Capture;

/// <summary>Writes what is exported into a buffer.</summary>
internal interface IExportWriter
{
    /// <summary>What has been written and not been passed on.</summary>
    ArrayBufferWriter<byte> Text { get; }

    void Record(ReadOnlySpan<byte> key, int frame, in RecordFields fields, DateTimeOffset receivedAt);

    void Gap(FeedSchema feed, ReadOnlySpan<byte> key, Gap gap);

    void Interruption(CaptureEvent happened);

    void Malformed(FeedSchema? feed, ReadOnlySpan<byte> key, DateTimeOffset receivedAt, in FrameError error, ReadOnlySpan<byte> raw);

    void Problem(CaptureProblem problem);
}
