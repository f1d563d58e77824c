namespace KisFeed.RabbitMq.Format;

/// <summary>The layout of a batch, which docs/cluster.md describes. All numbers are little-endian.</summary>
internal static class BatchFormat
{
    /// <summary>The version that this code writes, and the only one that it reads.</summary>
    public const byte Version = 2;

    /// <summary>The length of the header without the source id.</summary>
    public const int HeaderLength = 31;

    /// <summary>The length of an entry without key epochs and content.</summary>
    public const int EntryLength = 14;

    public const int ChecksumLength = sizeof(uint);

    /// <summary>The length of the day before a dated frame.</summary>
    public const int DayLength = sizeof(int);

    /// <summary>The maximum length of a source id, in bytes of UTF-8.</summary>
    public const int MaxSourceLength = 64;

    /// <summary>
    /// The maximum number of batches of a source that are published before the first of them is confirmed: as
    /// many may be out of order in a stream.
    /// </summary>
    public const int MaxUnconfirmed = 4096;

    public const int VersionOffset = 2;
    public const int FlagsOffset = 3;
    public const int EpochOffset = 4;
    public const int SequenceOffset = 12;
    public const int ConfirmedOffset = 20;
    public const int CountOffset = 28;
    public const int SourceOffset = 30;

    /// <summary>The flag of a batch whose epoch continues the previous one of the source, and may repeat the end of that.</summary>
    public const byte ContinuesFlag = 1;

    /// <summary>The flags of the source of the data: 0 if it is not known, otherwise one more than a <see cref="DataSource"/>.</summary>
    public const int DataSourceShift = 1;
    public const byte DataSourceMask = 3;

    /// <summary>The first two bytes of a batch.</summary>
    public static ReadOnlySpan<byte> Magic => "KF"u8;

    /// <summary>The times that an entry can have, in units of 100 ns since 1970.</summary>
    public static long MinTicks { get; } = DateTimeOffset.MinValue.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;

    public static long MaxTicks { get; } = DateTimeOffset.MaxValue.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;

    /// <summary>Returns the flags of a batch.</summary>
    public static byte FlagsOf(bool continues, DataSource? data) =>
        (byte)((continues ? ContinuesFlag : 0) | ((data is { } known ? (int)known + 1 : 0) << DataSourceShift));

    /// <summary>The source of the data, as the flags have it.</summary>
    public static DataSource? DataSourceOf(byte flags) =>
        ((flags >> DataSourceShift) & DataSourceMask) is var value and > 0 ? (DataSource)(value - 1) : null;
}

/// <summary>The kinds of entries. Readers skip kinds that they do not know.</summary>
internal enum EntryKind : byte
{
    Frame = 1,

    /// <summary>An event as a capture has it, in JSON.</summary>
    Event = 2,

    /// <summary>
    /// A frame after the trading day that its source states: the days since 0001-01-01, in four bytes. Read as a <see cref="Frame"/>.
    /// </summary>
    DatedFrame = 3,
}

/// <summary>The identity of the sender of a batch.</summary>
/// <param name="Source">The source id: 1 to 64 bytes of UTF-8.</param>
/// <param name="Epoch">Increases with each start of the source.</param>
/// <param name="Continues">Whether the epoch continues the source's previous one from its capture, and may repeat the end of that.</param>
internal sealed record BatchOrigin(string Source, ulong Epoch, bool Continues);
