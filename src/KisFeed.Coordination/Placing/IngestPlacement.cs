using System.Collections.Immutable;
using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Placing;

/// <summary>
/// The keys that an ingest holds with one app key. A state machine: events go in as calls, actions come out through
/// <see cref="IPlacementActions"/>. Does no I/O, reads no clock, and is not thread-safe.
/// </summary>
/// <param name="pollInterval">How often the rows are read without a reason.</param>
/// <param name="actions">Executes its actions.</param>
internal sealed class IngestPlacement(TimeSpan pollInterval, IPlacementActions actions)
{
    private const int RetriesPerPoll = 4;

    private readonly Dictionary<ClusterKey, Entry> _entries = [];
    private readonly Dictionary<(ClusterKey Key, long KeyEpoch), PlacementReport> _reports = [];
    private readonly Dictionary<ClusterKey, long> _dropped = [];
    private ImmutableArray<PlacementReport> _sent = [];
    private long _calls;
    private bool _isCalling;
    private bool _isWoken;
    private int _slots;
    private TimeSpan _sentAt;
    private TimeSpan _nextCallAt;

    /// <summary>The epoch of the lease; 0 if the process does not hold it.</summary>
    public long Epoch { get; private set; }

    /// <summary>The keys that are registered or are being registered.</summary>
    public IReadOnlyCollection<ClusterKey> Keys => _entries.Keys;

    /// <summary>The number of keys that the broker has acknowledged.</summary>
    public int Registered => _entries.Values.Count(entry => entry.Phase == EntryPhase.Registered);

    private TimeSpan RetryInterval => pollInterval / RetriesPerPoll;

    /// <summary>The process holds the lease of the app key.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="now">The time.</param>
    public void LeaseAcquired(long epoch, TimeSpan now)
    {
        Epoch = epoch;
        _nextCallAt = now;
        Advance(now);
    }

    /// <summary>The process does not hold the lease any more: all keys are dropped.</summary>
    public void LeaseLost()
    {
        Epoch = 0;
        _calls++;
        _isCalling = false;
        _reports.Clear();
        _sent = [];
        foreach (var (key, entry) in _entries)
            actions.Release(key, entry.KeyEpoch);
        _entries.Clear();
        _dropped.Clear();
    }

    /// <summary>The rows have perhaps changed.</summary>
    public void Wake(TimeSpan now)
    {
        _isWoken = _isCalling;
        if (!_isCalling)
            _nextCallAt = now;
        Advance(now);
    }

    /// <summary>The timer is due.</summary>
    public void TimerDue(TimeSpan now) => Advance(now);

    /// <summary>The broker has acknowledged a key.</summary>
    public void KeyRegistered(ClusterKey key, long keyEpoch, TimeSpan now)
    {
        if (Find(key, keyEpoch) is not { Phase: EntryPhase.Registering } entry)
            return;
        entry.Phase = EntryPhase.Registered;
        Report(new PlacementReport(key, keyEpoch, PlacementReportKind.Registered), now);
    }

    /// <summary>A key could not be registered, or its registration ended. The session holds it no more.</summary>
    public void KeyEnded(ClusterKey key, long keyEpoch, PlacementReportKind kind, string code, string text, TimeSpan now)
    {
        if (_dropped.GetValueOrDefault(key) == keyEpoch && _dropped.Remove(key))
            Wake(now);
        if (Find(key, keyEpoch) is not { } entry)
            return;
        _entries.Remove(key);
        Report(
            new PlacementReport(key, keyEpoch, entry.Phase == EntryPhase.Releasing ? PlacementReportKind.Released : kind, code, text), now);
    }

    /// <summary>The store has answered.</summary>
    /// <param name="number">The number of the request.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="slots">Keys that the session can hold, as the request said.</param>
    /// <param name="now">The time.</param>
    public void Answered(long number, IngestAnswer answer, int slots, TimeSpan now)
    {
        if (!_isCalling || number != _calls)
            return;
        _isCalling = false;
        _nextCallAt = _isWoken ? now : _sentAt + pollInterval;
        _isWoken = false;
        _slots = slots;
        if (answer.IsHeld)
        {
            // A report that was replaced by a later one of the same key stays.
            foreach (var report in _sent)
            {
                if (_reports.TryGetValue((report.Key, report.KeyEpoch), out var latest) && latest == report)
                    _reports.Remove((report.Key, report.KeyEpoch));
            }

            Apply(answer.Keys);
            if (_reports.Count > 0)
                _nextCallAt = now;
        }
        else
        {
            // The lease learns of it soon; until then nothing can be reported.
            _nextCallAt = now + RetryInterval;
        }

        Advance(now);
    }

    /// <summary>A request failed; it may have been executed.</summary>
    public void Failed(long number, TimeSpan now)
    {
        if (!_isCalling || number != _calls)
            return;
        _isCalling = false;
        _nextCallAt = now + RetryInterval;
        Advance(now);
    }

    private Entry? Find(ClusterKey key, long keyEpoch) =>
        _entries.TryGetValue(key, out var entry) && entry.KeyEpoch == keyEpoch ? entry : null;

    private void Report(PlacementReport report, TimeSpan now)
    {
        _reports[(report.Key, report.KeyEpoch)] = report;
        Wake(now);
    }

    private void Advance(TimeSpan now)
    {
        if (Epoch == 0)
            return;
        if (!_isCalling && now >= _nextCallAt)
        {
            _isCalling = true;
            _sentAt = now;
            _sent = [.. _reports.Values];
            actions.Sync(++_calls, Epoch, _sent);
        }

        if (!_isCalling)
            actions.SetTimer(_nextCallAt);
    }

    private void Apply(ImmutableArray<HeldKey> keys)
    {
        // Another app key holds what is missing, because this session was considered lost.
        var held = keys.ToDictionary(key => key.Key, key => key.KeyEpoch);
        foreach (var key in _entries.Where(entry => held.GetValueOrDefault(entry.Key) != entry.Value.KeyEpoch).Select(entry => entry.Key)
            .ToList())
        {
            _dropped[key] = _entries[key].KeyEpoch;
            actions.Release(key, _entries[key].KeyEpoch);
            _entries.Remove(key);
        }

        foreach (var key in keys)
            Apply(key);
    }

    private void Apply(HeldKey held)
    {
        var isKnown = _entries.TryGetValue(held.Key, out var entry);
        if (held.State == PlacementState.Releasing)
        {
            if (isKnown && entry!.Phase != EntryPhase.Releasing)
            {
                entry.Phase = EntryPhase.Releasing;
                actions.Release(held.Key, held.KeyEpoch);
            }
            else if (!isKnown)
            {
                _reports.TryAdd((held.Key, held.KeyEpoch), new PlacementReport(held.Key, held.KeyEpoch, PlacementReportKind.Released));
            }

            return;
        }

        // A report that it ended is on its way if it is not known. A key that is dropped still has its slot at the broker.
        if (isKnown
            || _reports.ContainsKey((held.Key, held.KeyEpoch))
            || _dropped.ContainsKey(held.Key)
            || (_dropped.Count > 0 && _entries.Count + _dropped.Count >= _slots))
        {
            return;
        }
        _entries.Add(held.Key, new Entry(held.KeyEpoch));
        actions.Register(held.Key, held.KeyEpoch);
    }

    private sealed class Entry(long keyEpoch)
    {
        public long KeyEpoch => keyEpoch;

        public EntryPhase Phase { get; set; }
    }

    private enum EntryPhase
    {
        Registering,
        Registered,
        Releasing,
    }
}

/// <summary>
/// The actions that the placement of an ingest requests. Called while it handles an event; an implementation does not call back into it.
/// </summary>
internal interface IPlacementActions
{
    /// <summary>
    /// Send a request to the store, and pass the answer to <see cref="IngestPlacement.Answered"/> or <see cref="IngestPlacement.Failed"/>
    /// with its number. It says how many keys the session can hold at this moment.
    /// </summary>
    void Sync(long number, long epoch, ImmutableArray<PlacementReport> reports);

    /// <summary>Call <see cref="IngestPlacement.TimerDue"/> at this time; replaces the previous timer.</summary>
    void SetTimer(TimeSpan dueAt);

    /// <summary>Register a key, and call <see cref="IngestPlacement.KeyRegistered"/> or <see cref="IngestPlacement.KeyEnded"/>.</summary>
    void Register(ClusterKey key, long keyEpoch);

    /// <summary>
    /// Release a key or cancel its registration, and call <see cref="IngestPlacement.KeyEnded"/> when the broker does not have it any more.
    /// </summary>
    void Release(ClusterKey key, long keyEpoch);
}
