using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using KisFeed.Gateway.Hub;
using KisFeed.Wire;

namespace KisFeed.Gateway.Streaming;

// The dispatcher's state, private so that nothing outside its lock can reach it.
internal sealed partial class StreamDispatcher
{
    /// <summary>The keys of one feed that streams have, or had within the history's age.</summary>
    private sealed class FeedState
    {
        private readonly Dictionary<byte[], KeyState> _keys = new(Utf8KeyComparer.Instance);
        private readonly Dictionary<byte[], KeyState>.AlternateLookup<ReadOnlySpan<byte>> _byText;
        private readonly RecordVolumes _volumes;
        private readonly int _nameLength;

        public FeedState(FeedSchema schema)
        {
            Schema = schema;
            _volumes = new RecordVolumes(schema);
            _byText = _keys.GetAlternateLookup<ReadOnlySpan<byte>>();
            Frames = new SingleRecordFrames(schema.TrId);
            _nameLength = schema.Columns.Sum(column => Math.Max(column.JsonName.Length, column.Element.Length) + 6);
        }

        public FeedSchema Schema { get; }

        /// <summary>Makes frames with one record each.</summary>
        public SingleRecordFrames Frames { get; }

        /// <summary>The newest feed-wide item that the history has dropped.</summary>
        public long ForgottenThrough { get; set; }

        public IReadOnlyCollection<KeyState> Keys => _keys.Values;

        /// <summary>Finds a key by its text in a frame.</summary>
        public bool TryFind(ReadOnlySpan<byte> key, [NotNullWhen(true)] out KeyState? found) => _byText.TryGetValue(key, out found);

        public KeyState? Find(string key) => _keys.GetValueOrDefault(Encoding.UTF8.GetBytes(key));

        public KeyState Add(string key, long since)
        {
            var added = new KeyState(this, key, _volumes, since);
            _keys.Add(Encoding.UTF8.GetBytes(key), added);
            return added;
        }

        public void Remove(KeyState key) => _keys.Remove(Encoding.UTF8.GetBytes(key.Key));

        /// <summary>The approximate memory of a record's item, in bytes.</summary>
        public int CostOf(byte[] frame) => StreamItem.Overhead + (2 * frame.Length) + _nameLength;
    }

    /// <summary>A key that streams have, or had within the history's age.</summary>
    private sealed class KeyState(FeedState feed, string key, RecordVolumes volumes, long since) : StreamKey(feed.Schema, key, volumes)
    {
        private readonly List<Route> _routes = [];
        private long _brokenAt;

        public FeedState FeedState => feed;

        public HubKey HubKey => new(Feed.TrId, Key);

        /// <summary>The streams that have the key.</summary>
        public ReadOnlySpan<Route> Routes => CollectionsMarshal.AsSpan(_routes);

        /// <summary>The key's last record.</summary>
        public StreamItem? Last { get; set; }

        /// <summary>A gap that is sent with the next frame, which tells how much was missed.</summary>
        public Gap? PendingGap { get; set; }

        /// <summary>When the last stream gave the key back, in ticks of the clock; <see langword="null"/> while a stream has it.</summary>
        public long? UnusedSince { get; private set; }

        /// <summary>The key's newest item that the history has dropped.</summary>
        public long ForgottenThrough { get; set; }

        /// <summary>Whether the history has every item of the key after a number, breaks included.</summary>
        public bool IsKeptSince(long number) => number > since && number >= ForgottenThrough && number >= feed.ForgottenThrough;

        /// <summary>Whether nothing of the key is missing after a number: the history has it all, without a break.</summary>
        public bool IsCompleteSince(long number) => IsKeptSince(number) && number > _brokenAt;

        /// <summary>Upstream released the key: data before the next item is unknown.</summary>
        public void Break(long number)
        {
            _brokenAt = number;
            Last = null;
        }

        public void Add(Route route)
        {
            route.Index = _routes.Count;
            _routes.Add(route);
            UnusedSince = null;
        }

        public void Remove(Route route, long now)
        {
            var last = _routes[^1];
            _routes[route.Index] = last;
            last.Index = route.Index;
            _routes.RemoveAt(_routes.Count - 1);
            if (_routes.Count > 0)
                return;
            UnusedSince = now;
            if (PendingGap is { To: null })
                PendingGap = null;
        }
    }

    /// <summary>A stream's subscription to a key.</summary>
    private sealed class Route(StreamConsumer consumer, StreamTarget target) : StreamSubscription(target)
    {
        public StreamConsumer Consumer => consumer;

        /// <summary>The key; <see langword="null"/> while the subscription is not attached.</summary>
        public KeyState? Key { get; set; }

        /// <summary>The key's slot in the stream's queue.</summary>
        public StreamQueue.Slot? Slot { get; set; }

        /// <summary>The position in <see cref="KeyState.Routes"/>.</summary>
        public int Index { get; set; }

        /// <summary>Items received before this time are not sent: the stream has read them from the recording.</summary>
        public DateTimeOffset JoinsAt { get; set; } = DateTimeOffset.MinValue;

        /// <summary>Why upstream ended it; <see langword="null"/> if it did not.</summary>
        public BrokerCode? EndedBy { get; set; }
    }

    /// <summary>A stream and its keys.</summary>
    private sealed class ConsumerState
    {
        private long _lastItem;

        public Dictionary<KeyState, Route> Routes { get; } = [];

        /// <summary>Whether an item that reaches the stream by several keys is new to it.</summary>
        public bool IsNew(StreamItem item)
        {
            var isNew = _lastItem != item.Number;
            _lastItem = item.Number;
            return isNew;
        }
    }
}
