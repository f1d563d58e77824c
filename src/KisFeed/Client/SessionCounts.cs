using KisFeed.Session;

namespace KisFeed;

/// <summary>What has befallen one session, as far as its machine does not count it. Changed and read under the lock, except for attempts.</summary>
internal sealed class SessionCounts
{
    private readonly long[] _attempts = new long[Enum.GetValues<AttemptOutcome>().Length];
    private readonly long[] _losses = new long[Enum.GetValues<LossReason>().Length];
    private readonly Dictionary<RefusalCause, long> _refusals = [];

    public IReadOnlyDictionary<RefusalCause, long> Refusals => _refusals;

    public long Attempts(AttemptOutcome outcome) => Interlocked.Read(ref _attempts[(int)outcome]);

    public long Losses(LossReason reason) => _losses[(int)reason];

    public void Attempted(AttemptOutcome outcome) => Interlocked.Increment(ref _attempts[(int)outcome]);

    public void Lost(LossReason reason) => _losses[(int)reason]++;

    public void Refused(RefusalCause cause) => _refusals[cause] = _refusals.GetValueOrDefault(cause) + 1;
}
