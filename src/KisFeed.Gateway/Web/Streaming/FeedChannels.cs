using System.Diagnostics.CodeAnalysis;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>The keys of one feed that streams have, or had a moment ago. Belongs to a <see cref="StreamDispatcher"/>, under its lock.</summary>
internal sealed class FeedChannels
{
    private readonly Dictionary<byte[], KeyChannel> _channels = new(Utf8KeyComparer.Instance);
    private readonly Dictionary<byte[], KeyChannel>.AlternateLookup<ReadOnlySpan<byte>> _byKey;
    private readonly byte[] _header;
    private readonly int _nameLength;

    public FeedChannels(FeedSchema feed)
    {
        Feed = feed;
        Volumes = new RecordVolumes(feed);
        _byKey = _channels.GetAlternateLookup<ReadOnlySpan<byte>>();
        _header = Encoding.ASCII.GetBytes($"0|{feed.TrId}|1|");
        _nameLength = feed.Columns.Sum(column => Math.Max(column.JsonName.Length, column.Element.Length) + 6);
    }

    public FeedSchema Feed { get; }

    /// <summary>Reads the volumes of its records.</summary>
    public RecordVolumes Volumes { get; }

    /// <summary>The number of the last item of the feed as a whole that the history has no more.</summary>
    public long ForgottenThrough { get; set; }

    public IReadOnlyCollection<KeyChannel> All => _channels.Values;

    /// <summary>The key as it stands in a frame.</summary>
    public bool TryFind(ReadOnlySpan<byte> key, [NotNullWhen(true)] out KeyChannel? channel) => _byKey.TryGetValue(key, out channel);

    public KeyChannel? Find(string key) => _channels.GetValueOrDefault(Encoding.UTF8.GetBytes(key));

    public void Add(KeyChannel channel) => _channels.Add(Encoding.UTF8.GetBytes(channel.Key), channel);

    public void Remove(KeyChannel channel) => _channels.Remove(Encoding.UTF8.GetBytes(channel.Key));

    /// <summary>A frame with one record alone.</summary>
    public byte[] FrameOf(ReadOnlySpan<byte> record)
    {
        var frame = new byte[_header.Length + record.Length];
        _header.CopyTo(frame, 0);
        record.CopyTo(frame.AsSpan(_header.Length));
        return frame;
    }

    /// <summary>How many bytes of memory a record takes as an item, about.</summary>
    public int CostOf(byte[] frame) => StreamItem.Overhead + (2 * frame.Length) + _nameLength;
}
