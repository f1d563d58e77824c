namespace KisFeed.RabbitMq.Publishing;

/// <summary>A batch to be published.</summary>
/// <param name="partition">The number of the stream.</param>
/// <param name="stream">The name of the stream.</param>
/// <param name="body">The bytes.</param>
/// <param name="entries">The number of entries; 0 if it only says what is confirmed.</param>
/// <param name="lastSequence">The sequence number of the last entry.</param>
/// <param name="firstAt">The time of the first entry; the last possible time if there is none.</param>
internal sealed class PublishedBatch(int partition, string stream, byte[] body, int entries, ulong lastSequence, DateTimeOffset firstAt)
{
    public int Partition => partition;

    public string Stream => stream;

    public ReadOnlyMemory<byte> Body => body;

    public int Entries => entries;

    public ulong LastSequence => lastSequence;

    public DateTimeOffset FirstAt => firstAt;

    /// <summary>The position in the order of publication.</summary>
    public ulong Order { get; set; }

    /// <summary>Whether it is confirmed on the current channel.</summary>
    public bool IsConfirmed { get; set; }

    /// <summary>When it was published on the current channel, as a timestamp of the clock.</summary>
    public long? PublishedAt { get; set; }
}
