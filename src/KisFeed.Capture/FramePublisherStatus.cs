using System.Text.Json.Serialization;

namespace KisFeed.Capture;

/// <summary>How much a publisher has published. In JSON it has only what anybody may see.</summary>
public sealed record FramePublisherStatus
{
    /// <summary>Whether it publishes: nothing fails, and it has not ended.</summary>
    public bool IsPublishing => Problem is null && !HasEnded;

    /// <summary>Whether frames are published as they are received, rather than from the recording, or waiting for the cluster.</summary>
    public bool IsLive { get; init; }

    /// <summary>The time since which there has been a problem.</summary>
    public DateTimeOffset? ProblemSince { get; init; }

    /// <summary>Why nothing can be published, or why the position cannot be kept; <see langword="null"/> if everything works.</summary>
    [JsonIgnore]
    public string? Problem { get; init; }

    /// <summary>The same in a few words without names of hosts, streams and files, for people who may not see them.</summary>
    [JsonPropertyName("problem")]
    public string? ProblemSummary { get; init; }

    /// <summary>Everything received up to this time is published; <see langword="null"/> before the first.</summary>
    public DateTimeOffset? PublishedAt { get; init; }

    /// <summary>How old the first frame is that is not published; zero if frames are published as they are received.</summary>
    [JsonPropertyName("lagSeconds")]
    public TimeSpan Lag { get; init; }

    /// <summary>Frames and events published since it was started, counted once for each stream that has them.</summary>
    public long Published { get; init; }

    /// <summary>Frames and events that it has read from the recording, because it was behind.</summary>
    public long CaughtUp { get; init; }

    /// <summary>Frames that are not published, and are reported as gaps. The recording has them, if there is one.</summary>
    public long Dropped { get; init; }

    /// <summary>Frames and events sent, counted like <see cref="Published"/>.</summary>
    [JsonIgnore]
    public long Sent { get; init; }

    /// <summary>
    /// Batches that were sent again, because a connection was lost before the cluster had confirmed them. Readers remove the duplicates.
    /// </summary>
    [JsonIgnore]
    public long Republished { get; init; }

    /// <summary>Batches that wait for their confirmation.</summary>
    [JsonIgnore]
    public int Unconfirmed { get; init; }

    /// <summary>Connections established.</summary>
    [JsonIgnore]
    public long Connections { get; init; }

    /// <summary>Whether the publisher has ended.</summary>
    [JsonIgnore]
    public bool HasEnded { get; init; }
}
