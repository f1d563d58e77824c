namespace KisFeed.PostgreSql;

/// <summary>The status of a sink.</summary>
public sealed record PostgreSqlSinkStatus
{
    /// <summary>Records that this sink has stored, in committed transactions.</summary>
    public required long Records { get; init; }

    /// <summary>Frames, records and parts of files that cannot be read, stored in the table <c>malformed</c>.</summary>
    public required long Malformed { get; init; }

    /// <summary>
    /// Rows that were not stored because the database has them already: a file was replaced or copied, or its position was lost. Always 0 in normal operation.
    /// </summary>
    public required long Duplicates { get; init; }

    /// <summary>Committed transactions.</summary>
    public required long Transactions { get; init; }

    /// <summary>Failed attempts to store.</summary>
    public required long Failures { get; init; }

    /// <summary>Why nothing can be stored, or what of the capture cannot be read; <see langword="null"/> if everything works.</summary>
    public string? Problem { get; init; }

    /// <summary>
    /// <see cref="Problem"/> in a few words, without names of hosts, users, databases and files, for people who may not see those: <c>the database cannot be reached</c>.
    /// </summary>
    public string? ProblemSummary { get; init; }

    /// <summary>The time since which there has been a problem.</summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>The time of the last committed transaction.</summary>
    public DateTimeOffset? LastStoredAt { get; init; }

    /// <summary>The feeds with files in the capture, by TR ID.</summary>
    public required IReadOnlyList<PostgreSqlFeedStatus> Feeds { get; init; }

    /// <summary>Whether the sink has ended.</summary>
    public bool HasEnded { get; init; }

    /// <summary>Bytes of the capture that are not stored yet, compressed.</summary>
    public long LagBytes => Feeds.Sum(feed => feed.LagBytes);
}

/// <summary>How much of a feed is stored.</summary>
/// <param name="TrId">The TR ID.</param>
public sealed record PostgreSqlFeedStatus(string TrId)
{
    /// <summary>Records stored, by this sink and earlier ones.</summary>
    public required long Records { get; init; }

    /// <summary>The greatest id stored: the receive time of a frame, in units of 100 ns since 1970.</summary>
    public long? LastId { get; init; }

    /// <summary>The receive time that belongs to <see cref="LastId"/>.</summary>
    public DateTimeOffset? LastAt => LastId is { } id ? DateTimeOffset.UnixEpoch.AddTicks(id) : null;

    /// <summary>Bytes of its files that are not stored yet, compressed.</summary>
    public required long LagBytes { get; init; }

    /// <summary>The age of the last record stored while there is data that is not; otherwise zero.</summary>
    public TimeSpan Lag { get; init; }
}
