using KisFeed.Cli.Options;
using KisFeed.Wire;

namespace KisFeed.Cli.Watching;

/// <summary>Where what is watched goes to: records and events, in the order in which they came.</summary>
internal interface ITickOutput : IAsyncDisposable
{
    /// <summary>A record whose every column can be read.</summary>
    void Record(WatchTarget target, DateTimeOffset receivedAt, scoped RecordFields fields);

    /// <summary>A gap.</summary>
    void Gap(WatchTarget target, Gap gap);

    /// <summary>Data may be missing from here on. For programs: people are told what has become of the session as a whole.</summary>
    void Interruption(WatchTarget target, Interruption interruption);

    /// <summary>A frame, or a record of one, that cannot be read.</summary>
    void Malformed(WatchTarget target, DateTimeOffset receivedAt, FrameError error, scoped ReadOnlySpan<byte> raw);

    /// <summary>Nothing more is at hand; what has been gathered is due.</summary>
    ValueTask FlushAsync();
}
