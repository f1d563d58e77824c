using System.Text.Json.Serialization;

namespace KisFeed.Capture;

/// <summary>How much of a recording a sink has stored, for example in a database. In JSON it has only what anybody may see.</summary>
public sealed record RecordingSinkStatus
{
    /// <summary>Whether it stores: nothing fails, and it has not ended.</summary>
    public bool IsStoring => Problem is null && !HasEnded;

    /// <summary>The time since which there has been a problem.</summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>Why nothing can be stored, or what of the recording cannot be read; <see langword="null"/> if everything works.</summary>
    [JsonIgnore]
    public string? Problem { get; init; }

    /// <summary>
    /// <see cref="Problem"/> in a few words, without names of hosts, users, databases and files, for people who may not see those:
    /// <c>the database cannot be reached</c>.
    /// </summary>
    [JsonPropertyName("problem")]
    public string? ProblemSummary { get; init; }

    /// <summary>When it last stored something.</summary>
    public DateTimeOffset? LastStoredAt { get; init; }

    /// <summary>Records stored since it was started.</summary>
    public long Records { get; init; }

    /// <summary>Bytes of the recording that are not stored yet, compressed.</summary>
    public long LagBytes => Feeds.Sum(feed => feed.LagBytes);

    /// <summary>The age of the last record stored, of the feed that is furthest behind; zero if everything is stored.</summary>
    [JsonPropertyName("lagSeconds")]
    public TimeSpan Lag => Feeds.Select(feed => feed.Lag).DefaultIfEmpty().Max();

    /// <summary>Frames, records and parts of files that cannot be read. They are stored as they are.</summary>
    [JsonIgnore]
    public long Malformed { get; init; }

    /// <summary>
    /// Rows that were not stored because they are there already: a file was replaced or copied, or its position was
    /// lost. Always 0 in normal operation.
    /// </summary>
    [JsonIgnore]
    public long Duplicates { get; init; }

    /// <summary>Committed transactions.</summary>
    [JsonIgnore]
    public long Transactions { get; init; }

    /// <summary>Failed attempts to store.</summary>
    [JsonIgnore]
    public long Failures { get; init; }

    /// <summary>The feeds with files in the recording, by TR ID.</summary>
    [JsonIgnore]
    public IReadOnlyList<StoredFeedStatus> Feeds { get; init; } = [];

    /// <summary>Whether the sink has ended.</summary>
    [JsonIgnore]
    public bool HasEnded { get; init; }
}

/// <summary>How much of a feed is stored.</summary>
/// <param name="TrId">The TR ID.</param>
public sealed record StoredFeedStatus(string TrId)
{
    /// <summary>Records stored, by this sink and earlier ones.</summary>
    public long Records { get; init; }

    /// <summary>The greatest id stored: the receive time of a frame, in units of 100 ns since 1970.</summary>
    public long? LastId { get; init; }

    /// <summary>The receive time that belongs to <see cref="LastId"/>.</summary>
    public DateTimeOffset? LastAt => LastId is { } id ? DateTimeOffset.UnixEpoch.AddTicks(id) : null;

    /// <summary>Bytes of its files that are not stored yet, compressed.</summary>
    public long LagBytes { get; init; }

    /// <summary>The age of the last record stored while there is data that is not; otherwise zero.</summary>
    public TimeSpan Lag { get; init; }
}
