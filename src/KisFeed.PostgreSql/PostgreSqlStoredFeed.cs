namespace KisFeed.PostgreSql;

/// <summary>What the sinks of a schema have stored of a feed of a capture.</summary>
/// <param name="Capture">The name of the capture: <see cref="PostgreSqlSinkOptions.Capture"/>.</param>
/// <param name="TrId">The TR ID.</param>
public sealed record PostgreSqlStoredFeed(string Capture, string TrId)
{
    /// <summary>Records stored, without those of days dropped by <see cref="PostgreSqlSinkOptions.KeepDays"/>.</summary>
    public required long Records { get; init; }

    /// <summary>
    /// The greatest id stored: the receive time of a frame, in units of 100 ns since 1970. <see langword="null"/> if there are no records.
    /// </summary>
    public long? LastId { get; init; }

    /// <summary>The receive time that belongs to <see cref="LastId"/>.</summary>
    public DateTimeOffset? LastAt => LastId is { } id ? DateTimeOffset.UnixEpoch.AddTicks(id) : null;

    /// <summary>Files of which something is stored.</summary>
    public required long Files { get; init; }

    /// <summary>The newest of these files: its path within the folder of the capture.</summary>
    public required string File { get; init; }

    /// <summary>The bytes of the newest file that are stored, compressed.</summary>
    public required long Position { get; init; }

    /// <summary>When something was last stored.</summary>
    public required DateTimeOffset StoredAt { get; init; }
}
