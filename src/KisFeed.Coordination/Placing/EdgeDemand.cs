using System.Collections.Immutable;
using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Placing;

/// <summary>
/// What the consumers of an edge want. A state machine: events go in as calls, actions come out through <see cref="IDemandActions"/>. Does
/// no I/O, reads no clock, and is not thread-safe.
/// </summary>
/// <param name="pollInterval">How often the states of the keys are read without a reason.</param>
/// <param name="actions">Executes its actions.</param>
internal sealed class EdgeDemand(TimeSpan pollInterval, IDemandActions actions)
{
    private const int RetriesPerPoll = 4;

    private readonly Dictionary<ClusterKey, Entry> _entries = [];
    private readonly HashSet<ClusterKey> _changed = [];
    private bool _isRunning;
    private bool _isCalling;
    private bool _isWoken;
    private bool _isFull = true;
    private long _sequence;
    private TimeSpan _sentAt;
    private TimeSpan _nextCallAt;

    /// <summary>The number of keys that are wanted.</summary>
    public int Count => _entries.Count;

    /// <summary>
    /// The state of a key that is wanted; <see langword="null"/> if it is not wanted, or if the store has not answered yet.
    /// </summary>
    public WantedKey? Find(ClusterKey key) => _entries.TryGetValue(key, out var entry) ? entry.Answer : null;

    /// <summary>Starts to send.</summary>
    public void Start(TimeSpan now)
    {
        _isRunning = true;
        Advance(now);
    }

    /// <summary>Stops.</summary>
    public void Stop() => _isRunning = false;

    /// <summary>A consumer wants a key.</summary>
    public void Add(ClusterKey key, TimeSpan now)
    {
        if (!_entries.TryGetValue(key, out var entry))
            _entries.Add(key, entry = new Entry());
        if (++entry.Consumers == 1)
            Change(key, now);
    }

    /// <summary>A consumer does not want a key any more.</summary>
    public void Remove(ClusterKey key, TimeSpan now)
    {
        if (!_entries.TryGetValue(key, out var entry) || --entry.Consumers > 0)
            return;
        _entries.Remove(key);
        Change(key, now);
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

    /// <summary>The store has answered.</summary>
    public void Answered(long sequence, EdgeAnswer answer, TimeSpan now)
    {
        if (!_isCalling || sequence != _sequence)
            return;
        _isCalling = false;
        _isFull = !answer.IsKnown;
        _nextCallAt = _isWoken || _isFull || _changed.Count > 0 ? now : _sentAt + pollInterval;
        _isWoken = false;
        if (!_isFull)
        {
            foreach (var wanted in answer.Keys)
                Apply(wanted);
        }

        Advance(now);
    }

    /// <summary>A request failed; it may have been executed.</summary>
    public void Failed(long sequence, TimeSpan now)
    {
        if (!_isCalling || sequence != _sequence)
            return;
        _isCalling = false;
        _isFull = true;
        _nextCallAt = now + (pollInterval / RetriesPerPoll);
        Advance(now);
    }

    private void Change(ClusterKey key, TimeSpan now)
    {
        _changed.Add(key);
        if (!_isCalling)
            _nextCallAt = now;
        Advance(now);
    }

    private void Apply(WantedKey wanted)
    {
        if (!_entries.TryGetValue(wanted.Key, out var entry) || entry.Answer == wanted)
            return;
        entry.Answer = wanted;
        actions.Changed(wanted);
    }

    private void Advance(TimeSpan now)
    {
        if (!_isRunning)
            return;
        if (!_isCalling && now >= _nextCallAt)
        {
            _isCalling = true;
            _sentAt = now;
            ImmutableArray<ClusterKey> added = _isFull ? [.. _entries.Keys.Order()] : [.. _changed.Where(_entries.ContainsKey).Order()];
            ImmutableArray<ClusterKey> removed = _isFull ? [] : [.. _changed.Where(key => !_entries.ContainsKey(key)).Order()];
            _changed.Clear();
            actions.Sync(++_sequence, _isFull, added, removed);
        }

        if (!_isCalling)
            actions.SetTimer(_nextCallAt);
    }

    private sealed class Entry
    {
        public int Consumers { get; set; }

        public WantedKey? Answer { get; set; }
    }
}

/// <summary>
/// The actions that the demand of an edge requests. Called while it handles an event; an implementation does not call back into it.
/// </summary>
internal interface IDemandActions
{
    /// <summary>
    /// Send a request to the store, and pass the answer to <see cref="EdgeDemand.Answered"/> or
    /// <see cref="EdgeDemand.Failed"/> with its sequence.
    /// </summary>
    void Sync(long sequence, bool isFull, ImmutableArray<ClusterKey> added, ImmutableArray<ClusterKey> removed);

    /// <summary>Call <see cref="EdgeDemand.TimerDue"/> at this time; replaces the previous timer.</summary>
    void SetTimer(TimeSpan dueAt);

    /// <summary>The state of a wanted key has changed.</summary>
    void Changed(WantedKey wanted);
}
