using System.Buffers;
using System.Globalization;
using KisFeed.Feeds;
using KisFeed.Output;
using KisFeed.RabbitMq.Format;
using KisFeed.RabbitMq.Reading;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Tests.Delivering;

/// <summary>
/// Several publishers that share keys: frames with records of several keys, keys that move to another publisher in a new key epoch while
/// the old one still publishes them, batches that are repeated or lost, and restarts. Knows what a reader of each key must get.
/// </summary>
internal sealed class PublishedStreams
{
    public const int PartitionCount = 3;

    private readonly Random _random;
    private readonly Publisher[] _publishers = [new("a"), new("b"), new("c")];
    private readonly Dictionary<string, (Publisher Holder, uint Epoch)> _placement = [];
    private readonly Dictionary<string, KeyModel> _wanted = [];
    private readonly List<(int Partition, StreamMessage Message)> _sent = [];
    private readonly long[] _offsets = new long[PartitionCount];
    private int _number;

    public PublishedStreams(Random random)
    {
        _random = random;
        foreach (var key in Keys)
            _placement[key] = (_publishers[random.Next(_publishers.Length)], 1);
    }

    public static Partitions Partitions { get; } = new("s", PartitionCount);

    public static IReadOnlyList<string> Keys { get; } =
        [.. Enumerable.Range(0, 7).Select(i => string.Create(CultureInfo.InvariantCulture, $"00{i}1"))];

    /// <summary>The number of events of sessions.</summary>
    public int SessionEvents { get; private set; }

    /// <summary>What a reader of a key must have got: numbers of records, and <see langword="null"/> for a gap.</summary>
    public IReadOnlyList<int?> ExpectedOf(string key) => _wanted[key].Items;

    public void Want(string key) => _wanted.Add(key, new KeyModel());

    public static int PartitionOf(string key) => Partitions.Of(IndexTrade.Feed.TrId, key);

    /// <summary>Publishes something, and returns the messages in the order of the streams.</summary>
    public List<(int Partition, StreamMessage Message)> Step(DateTimeOffset now)
    {
        var publisher = _publishers[_random.Next(_publishers.Length)];
        switch (_random.Next(20))
        {
            case 0:
                // The key moves. The earlier holder may not know it yet.
                var moved = Keys[_random.Next(Keys.Count)];
                _placement[moved] = (publisher, _placement[moved].Epoch + 1);
                return [];
            case 1 when _sent.Count > 0:
                return Repeat();
            case 2:
                publisher.Restart();
                return [];
            case 3:
                return AddSessionEvent(publisher, now);
            default:
                return AddFrames(publisher, now);
        }
    }

    private List<(int Partition, StreamMessage Message)> Repeat()
    {
        var (partition, message) = _sent[_random.Next(_sent.Count)];
        return [(partition, message with { Offset = ++_offsets[partition] })];
    }

    private List<(int Partition, StreamMessage Message)> AddSessionEvent(Publisher publisher, DateTimeOffset now)
    {
        SessionEvents++;
        var line = new ArrayBufferWriter<byte>();
        CaptureLine.Write(line, new CaptureEvent { Kind = CaptureEventKind.Connected, At = now, Session = "1" });
        foreach (var encoder in publisher.Encoders)
            encoder.Add(EntryKind.Event, now, [], line.WrittenSpan[..^1]);
        return Complete(publisher, [.. publisher.Encoders.Select(_ => new List<(string, int, uint)>())], mayBeLost: false);
    }

    private List<(int Partition, StreamMessage Message)> AddFrames(Publisher publisher, DateTimeOffset now)
    {
        var content = publisher.Encoders.Select(_ => new List<(string Key, int Number, uint Epoch)>()).ToArray();
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            var records = new List<(string Key, int Number, uint Epoch)>();
            for (var j = _random.Next(1, 4); j > 0; j--)
            {
                var key = Keys[_random.Next(Keys.Count)];
                var (holder, epoch) = _placement[key];

                // An earlier holder goes on for a while with the epoch that it knows.
                if (holder == publisher)
                    publisher.Known[key] = epoch;
                else if (!publisher.Known.ContainsKey(key) || _random.Next(3) > 0)
                    continue;
                records.Add((key, ++_number, publisher.Known[key]));
            }

            if (records.Count == 0)
                continue;
            var frame = FrameOf(records);
            var epochs = records.Select(record => record.Epoch).ToArray();
            foreach (var partition in records.Select(record => PartitionOf(record.Key)).Distinct())
            {
                publisher.Encoders[partition].Add(EntryKind.Frame, now.AddTicks(-_random.Next(1_000_000)), epochs, frame);
                content[partition].AddRange(records.Where(record => PartitionOf(record.Key) == partition));
            }
        }

        return Complete(publisher, content, mayBeLost: true);
    }

    private List<(int Partition, StreamMessage Message)> Complete(
        Publisher publisher, List<(string Key, int Number, uint Epoch)>[] content, bool mayBeLost)
    {
        var messages = new List<(int, StreamMessage)>();
        for (var partition = 0; partition < PartitionCount; partition++)
        {
            var encoder = publisher.Encoders[partition];
            if (encoder.Count == 0)
                continue;
            var body = encoder.Complete(encoder.FirstSequence - 1);
            if (mayBeLost && _random.Next(15) == 0)
            {
                publisher.IsMissing[partition] |= publisher.HasSent[partition];
                continue;
            }

            if (publisher.IsMissing[partition])
            {
                foreach (var (key, model) in _wanted)
                {
                    if (PartitionOf(key) == partition && (model.Holder is null || model.Holder == publisher.Source))
                        model.IsInterrupted = true;
                }
            }

            publisher.IsMissing[partition] = false;
            publisher.HasSent[partition] = true;
            foreach (var (key, number, epoch) in content[partition])
            {
                if (_wanted.TryGetValue(key, out var model))
                    model.Add(publisher.Source, number, epoch);
            }

            var message = (partition, new StreamMessage(++_offsets[partition], body));
            _sent.Add(message);
            messages.Add(message);
        }

        return messages;
    }

    private static byte[] FrameOf(List<(string Key, int Number, uint Epoch)> records)
    {
        var frame = new ArrayBufferWriter<byte>();
        FrameWriter.Write<IndexTrade>(
            frame,
            IndexTrade.Feed.TrId,
            [.. records.Select(record => new IndexTrade { Code = record.Key, AccumulatedVolume = record.Number })]);
        return frame.WrittenSpan.ToArray();
    }

    private sealed class KeyModel
    {
        private uint? _epoch;

        public List<int?> Items { get; } = [];

        public string? Holder { get; private set; }

        public bool IsInterrupted { get; set; }

        public void Add(string source, int number, uint epoch)
        {
            if (epoch < _epoch)
                return;
            IsInterrupted |= epoch > _epoch;
            (_epoch, Holder) = (epoch, source);
            if (IsInterrupted)
                Items.Add(null);
            IsInterrupted = false;
            Items.Add(number);
        }
    }

    private sealed class Publisher(string source)
    {
        private ulong _epoch = 1;

        public string Source => source;

        public StreamBatchEncoder[] Encoders { get; private set; } = New(source, 1);

        /// <summary>The epochs of its keys, as it knows them.</summary>
        public Dictionary<string, uint> Known { get; } = [];

        public bool[] IsMissing { get; } = new bool[PartitionCount];

        public bool[] HasSent { get; } = new bool[PartitionCount];

        /// <summary>Begins a new epoch that does not continue the one before, so that data may be missing.</summary>
        public void Restart()
        {
            Encoders = New(source, ++_epoch);
            for (var i = 0; i < PartitionCount; i++)
                IsMissing[i] |= HasSent[i];
        }

        private static StreamBatchEncoder[] New(string source, ulong epoch) =>
            [.. Enumerable.Range(0, PartitionCount).Select(_ => new StreamBatchEncoder(new BatchOrigin(source, epoch, Continues: false)))];
    }
}
