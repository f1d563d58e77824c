using System.Collections.Concurrent;
using System.Text;
using KisFeed.Wire;

namespace KisFeed.RabbitMq.Publishing;

/// <summary>
/// When a publisher had which key, and under which placement epoch. What was received in a period is published with the epoch of that
/// period, however late. Recorded data of no period is not published, because another publisher had the key, or none. Thread-safe.
/// </summary>
internal sealed class KeyEpochs
{
    private readonly Lock _gate = new();

    // The periods of a key, the latest first. Lists are replaced, never changed.
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<byte[], KeyPeriod[]>> _feeds = new(StringComparer.Ordinal);

    // In the order of their ends.
    private readonly List<KeyPeriod> _released = [];
    private readonly HashSet<KeyPeriod> _restored = [];
    private long _version;
    private volatile bool _hasEpochs;

    /// <summary>Whether a key has an epoch above 0.</summary>
    public bool HasEpochs => _hasEpochs;

    /// <summary>Increases with each change.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>The periods of all keys.</summary>
    public IReadOnlyList<KeyPeriod> Periods
    {
        get
        {
            lock (_gate)
                return [.. _feeds.Values.SelectMany(keys => keys.Values).SelectMany(periods => periods)];
        }
    }

    /// <summary>The publisher has a key from a time on. A period of the key that has not ended ends.</summary>
    public void Begin(string trId, string key, uint epoch, DateTimeOffset at)
    {
        lock (_gate)
        {
            End(trId, key, at, isReleased: false);
            Add(new KeyPeriod(trId, key, epoch, at));
        }
    }

    /// <summary>The publisher does not have a key any more.</summary>
    /// <param name="trId">The feed.</param>
    /// <param name="key">The key.</param>
    /// <param name="at">The time.</param>
    /// <param name="isReleased">Whether readers must be told so, if they are not told by the event of the tap.</param>
    /// <returns>Whether it had the key.</returns>
    public bool End(string trId, string key, DateTimeOffset at, bool isReleased)
    {
        lock (_gate)
        {
            var name = Encoding.UTF8.GetBytes(key);
            if (!_feeds.TryGetValue(trId, out var keys)
                || !keys.TryGetValue(name, out var periods)
                || periods is not [{ Until: null } open, ..])
            {
                return false;
            }
            var ended = open with { Until = at > open.From ? at : open.From, IsReleased = isReleased };
            keys[name] = [ended, .. periods[1..]];
            _restored.Remove(open);
            if (isReleased)
                AddReleased(ended);
            _version++;
            return true;
        }
    }

    /// <summary>
    /// Continues with the periods of an earlier publisher. Those that had not ended did so when the recorder was started again,
    /// because nobody gave it keys before.
    /// </summary>
    /// <param name="periods">The periods.</param>
    /// <param name="recorderStartedAt">When the recorder was started.</param>
    public void Restore(IEnumerable<KeyPeriod> periods, DateTimeOffset recorderStartedAt)
    {
        lock (_gate)
        {
            foreach (var period in periods.OrderBy(period => period.From))
            {
                var restored = period is { Until: null, From: var from } && from < recorderStartedAt
                    ? period with { Until = recorderStartedAt }
                    : period;
                Add(restored);
                if (restored.Until is null)
                    _restored.Add(restored);
                else if (restored.IsReleased)
                    AddReleased(restored);
            }
        }
    }

    /// <summary>
    /// Ends the periods of an earlier publisher that go on, unless this publisher was given their keys:
    /// what is received from now on is live.
    /// </summary>
    public void EndRestored(DateTimeOffset at)
    {
        lock (_gate)
        {
            foreach (var period in _restored.ToList())
                End(period.Feed, period.Key, at, isReleased: false);
        }
    }

    /// <summary>Forgets periods that ended before a time.</summary>
    public void Forget(DateTimeOffset before)
    {
        lock (_gate)
        {
            ForgetReleased(before);
            foreach (var keys in _feeds.Values)
            {
                foreach (var (key, periods) in keys)
                {
                    if (periods[^1].Until > before || periods[^1].Until is null)
                        continue;
                    var left = Array.FindAll(periods, period => !(period.Until <= before));
                    if (left.Length == 0)
                        keys.TryRemove(key, out _);
                    else
                        keys[key] = left;
                    _version++;
                }
            }
        }
    }

    /// <summary>Finds the epoch of a key at a time; <see langword="false"/> if the publisher did not have the key then.</summary>
    public bool TryFind(string trId, ReadOnlySpan<byte> key, DateTimeOffset at, out uint epoch)
    {
        foreach (var period in PeriodsOf(trId, key))
        {
            if (at < period.From || at >= period.Until)
                continue;
            epoch = period.Epoch;
            return true;
        }

        epoch = 0;
        return false;
    }

    /// <summary>
    /// The epoch of a key whose data the tap has delivered, even if a clock was set and the time is in no
    /// period; 0 if the key is not known.
    /// </summary>
    public uint NearestTo(string trId, ReadOnlySpan<byte> key, DateTimeOffset at)
    {
        var periods = PeriodsOf(trId, key);
        return Array.Find(periods, period => at >= period.From)?.Epoch ?? (periods.Length > 0 ? periods[^1].Epoch : 0);
    }

    /// <summary>Whether the publisher had a key of a feed.</summary>
    public bool HasFeed(string trId) => _feeds.TryGetValue(trId, out var keys) && !keys.IsEmpty;

    /// <summary>Forgets keys that were released before a time, because the tap has reported them.</summary>
    public void ForgetReleased(DateTimeOffset before)
    {
        lock (_gate)
            _released.RemoveAll(period => period.Until <= before);
    }

    /// <summary>Takes the next key that was released up to a time.</summary>
    public KeyPeriod? TakeReleased(DateTimeOffset upTo)
    {
        lock (_gate)
        {
            if (_released is not [var first, ..] || first.Until > upTo)
                return null;
            _released.RemoveAt(0);
            return first;
        }
    }

    private KeyPeriod[] PeriodsOf(string trId, ReadOnlySpan<byte> key) =>
        _feeds.TryGetValue(trId, out var keys) && keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var periods)
            ? periods
            : [];

    private void Add(KeyPeriod period)
    {
        var keys = _feeds.GetOrAdd(period.Feed, static _ => new ConcurrentDictionary<byte[], KeyPeriod[]>(Utf8KeyComparer.Instance));
        var name = Encoding.UTF8.GetBytes(period.Key);
        keys[name] = [period, .. keys.GetValueOrDefault(name, [])];
        _hasEpochs |= period.Epoch > 0;
        _version++;
    }

    private void AddReleased(KeyPeriod period)
    {
        var later = _released.FindIndex(other => other.Until > period.Until);
        _released.Insert(later < 0 ? _released.Count : later, period);
    }
}

/// <summary>A period in which a publisher has a key.</summary>
/// <param name="Feed">The TR ID.</param>
/// <param name="Key">The key.</param>
/// <param name="Epoch">The placement epoch; 0 if keys are never moved.</param>
/// <param name="From">The beginning.</param>
/// <param name="Until">The end, which does not belong to it; <see langword="null"/> if it has not ended.</param>
/// <param name="IsReleased">Whether the publisher has released the key, rather than having been restarted.</param>
internal sealed record KeyPeriod(
    string Feed, string Key, uint Epoch, DateTimeOffset From, DateTimeOffset? Until = null, bool IsReleased = false);
