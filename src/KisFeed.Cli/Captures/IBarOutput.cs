using KisFeed.Capture;

namespace KisFeed.Cli.Captures;

/// <summary>Writes bars as bytes.</summary>
internal interface IBarOutput
{
    /// <summary>What has been written and not been passed on.</summary>
    System.Buffers.ArrayBufferWriter<byte> Text { get; }

    void Add(Bar bar);
}
