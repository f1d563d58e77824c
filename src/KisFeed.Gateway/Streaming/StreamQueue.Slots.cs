namespace KisFeed.Gateway.Streaming;

// What the queue knows of each key of its stream.
internal sealed partial class StreamQueue
{
    /// <summary>A key of the queue's stream.</summary>
    internal abstract class Slot;

    private readonly record struct Entry(StreamItem? Item, KeySlot? Slot);

    /// <summary>A key, and what the stream lost of it since the last record that it got.</summary>
    private sealed class KeySlot(StreamKey key) : Slot
    {
        private long _lost;
        private GapReason? _reason;

        public StreamKey Key => key;

        /// <summary>Whether a gap of the key waits in the queue.</summary>
        public bool HasGap { get; private set; }

        /// <summary>The last record that the stream got.</summary>
        public StreamItem? LastRead { get; set; }

        /// <summary>The position of the key's newest record, while <see cref="KeepNewest"/> runs.</summary>
        public int Newest { get; set; } = -1;

        /// <summary>Drops an item. The reason and size of a dropped gap become part of the gap that is sent.</summary>
        /// <returns>The number of records lost.</returns>
        public long Drop(StreamItem item)
        {
            HasGap = true;
            switch (item.Event)
            {
                case Gap gap:
                    _lost += gap.Frames ?? 0;
                    SetReason(gap.Reason);
                    return 0;
                case Interruption interruption:
                    SetReason(interruption.Reason);
                    return 0;
                default:
                    _lost++;
                    return 1;
            }
        }

        /// <summary>The gap in place of what was dropped.</summary>
        /// <param name="next">The first record after it; <see langword="null"/> if there is none yet.</param>
        public Gap CloseGap(StreamItem? next)
        {
            var gap = new Gap
            {
                From = LastRead?.ReceivedAt,
                To = next?.ReceivedAt,
                Reason = _reason ?? GapReason.QueueOverflow,
                Frames = _lost == 0 ? null : _lost,
                MissedVolume = key.MissedVolume(LastRead, next),
            };
            HasGap = false;
            _lost = 0;
            _reason = null;
            return gap;
        }

        private void SetReason(GapReason reason)
        {
            if (reason != GapReason.QueueOverflow)
                _reason ??= reason;
        }
    }
}
