using System.Collections.Immutable;
using KisFeed.Coordination.Leases;
using KisFeed.Coordination.Placing;
using KisFeed.Coordination.Storing;

namespace KisFeed.Coordination.Tests.Model;

/// <summary>One app key of an ingest: its lease, its placement and a simplified session.</summary>
internal sealed class ModelUnit : ILeaseActions, IPlacementActions
{
    private readonly ModelIngest _process;
    private readonly ModelBroker _broker;
    private readonly AppKeyLease _lease;
    private readonly IngestPlacement _placement;
    private readonly Dictionary<ClusterKey, long> _desired = [];
    private int _leaseTimer;
    private int _placementTimer;
    private bool _isConnecting;
    private bool _isHalted;
    private bool _wantsSession;
    private bool _hasFailed;
    private TimeSpan _lineUpAt;
    private long _acquiredBy;

    public ModelUnit(ModelIngest process, ModelBroker broker, string appKey)
    {
        _process = process;
        _broker = broker;
        AppKey = appKey;
        var options = process.World.Plan.Options;
        _lease = new AppKeyLease(options, this);
        _placement = new IngestPlacement(options.PollInterval, this);
    }

    public string AppKey { get; }

    public ModelIngest Process => _process;

    public ModelSession? Session { get; private set; }

    /// <summary>Whether it could hold keys, by its own knowledge, if its session could connect.</summary>
    public bool IsReady => _process.IsRunning && !_process.IsCut && _lease.Epoch > 0 && !_isHalted;

    /// <summary>Whether its session can connect, and it knows nothing else.</summary>
    public bool CanConnect => HasLine && !_hasFailed;

    /// <summary>Whether its last attempt to connect failed.</summary>
    public bool HasFailed => _hasFailed;

    private ModelWorld World => _process.World;

    private TimeSpan Clock => _process.Clock;

    private bool HasLine => World.Now >= _lineUpAt;

    // A session that cannot connect gets no more keys than one to try with.
    private int Slots => _isHalted ? 0
        : _hasFailed && Session is null ? Math.Min(World.Plan.Slots, Math.Max(_desired.Count, _wantsSession || _isConnecting ? 0 : 1))
        : World.Plan.Slots;

    public void Start() => _lease.Start(Clock);

    public void Wake()
    {
        _lease.Wake(Clock);
        _placement.Wake(Clock);
    }

    public void Stop()
    {
        DropSession();
        if (_lease.Epoch > 0)
            _placement.LeaseLost();
        _lease.Stop();
    }

    public void BreakSession()
    {
        if (Session is null || !_process.IsRunning)
            return;
        World.Log($"{this} loses its connection");
        World.SetTrouble();
        DropSession();
        EnsureSession();
    }

    /// <summary>The session is lost, and no other can connect for a while.</summary>
    public void LoseLine(TimeSpan duration)
    {
        World.Log($"{this} loses its line for {duration.TotalSeconds:0.0} s");
        _lineUpAt = World.Now + duration;
        World.SetTrouble();
        World.At(_lineUpAt, () => World.SetTrouble());
        BreakSession();
    }

    /// <summary>The broker has closed the session.</summary>
    public void OnClosed(ModelSession session)
    {
        if (Session == session)
            BreakSession();
    }

    /// <summary>The session ends for good, or works again.</summary>
    public void SetHalted(bool isHalted)
    {
        if (_isHalted == isHalted)
            return;
        World.Log($"{this} {(isHalted ? "halts" : "works again")}");
        World.SetTrouble();
        _isHalted = isHalted;
        if (isHalted)
        {
            DropSession();
            foreach (var (key, keyEpoch) in _desired.ToList())
            {
                _desired.Remove(key);
                _placement.KeyEnded(key, keyEpoch, PlacementReportKind.Failed, "", "", Clock);
            }
        }

        _lease.SetUsable(!isHalted, Clock);
        _placement.Wake(Clock);
        EnsureSession();
    }

    public override string ToString() => $"{_process.Name}/{AppKey}";

    void ILeaseActions.Send(LeaseCall call)
    {
        var options = World.Plan.Options;
        switch (call.Kind)
        {
            case LeaseCallKind.Release:
                World.Call(
                    _process,
                    () => { World.Store.ReleaseLease(AppKey, _process.Name, call.Epoch); World.Notify(); return true; },
                    static _ => { },
                    static () => { });
                break;
            case LeaseCallKind.RecordAttempt:
                World.Call(
                    _process,
                    () => World.Store.RecordAttempt(new AttemptRequest(AppKey, _process.Name, call.Epoch, options.Attempts)),
                    answer => _lease.AttemptAnswered(call.Number, answer, Clock),
                    () => _lease.Failed(call.Number, Clock));
                break;
            default:
                World.Call(
                    _process,
                    () =>
                    {
                        var isHolder = World.Store.Leases.Any(lease => lease.AppKey == AppKey && lease.Holder == _process.Name);
                        var answer = World.Store.Lease(new LeaseRequest(
                            AppKey, "Production", _process.Name, call.Number, call.Epoch, options.LeaseTtl, call.Attempts));
                        if (call.Kind == LeaseCallKind.Acquire && answer.IsHeld)
                        {
                            ModelChecks.Holds(
                                !isHolder || call.Number >= _acquiredBy,
                                "late request",
                                $"{this} gets the lease by request {call.Number} after it got it by {_acquiredBy}");
                            _acquiredBy = call.Number;
                        }

                        if (answer.IsHeld)
                            World.Checks.OnLease(this, answer.Epoch);
                        return answer;
                    },
                    answer => _lease.Answered(call.Number, answer, Clock),
                    () => _lease.Failed(call.Number, Clock));
                break;
        }
    }

    void ILeaseActions.SetTimer(TimeSpan dueAt)
    {
        var number = ++_leaseTimer;
        _process.At(dueAt, () =>
        {
            if (number == _leaseTimer)
                _lease.TimerDue(Clock);
        });
    }

    void ILeaseActions.Acquired(long epoch)
    {
        World.Log($"{this} holds epoch {epoch}");
        Later(() =>
        {
            if (_lease.Epoch == epoch)
                _placement.LeaseAcquired(epoch, Clock);
        });
    }

    void ILeaseActions.StandDown(StandDownReason reason)
    {
        World.Log($"{this} stands down: {reason}");
        DropSession();
        _placement.LeaseLost();
    }

    void ILeaseActions.GrantAttempt()
    {
        _wantsSession = false;
        if (Session is not null || _isConnecting)
            return;

        // Also if its keys have been released meanwhile, as SessionMachine.PermitGranted does: the attempt is counted already.
        _isConnecting = true;
        _broker.OnAttempt(this);
        World.After(_process.Random.NextMilliseconds(5, 300), () => _process.Post(Connected));
    }

    void IPlacementActions.Sync(long number, long epoch, ImmutableArray<PlacementReport> reports)
    {
        var slots = Slots;
        var request = new IngestRequest(AppKey, _process.Name, epoch, slots, reports, World.Plan.Options);
        World.Call(
            _process,
            () =>
            {
                var answer = World.Store.SyncIngest(request);
                if (reports.Length > 0)
                    World.Notify();
                return answer;
            },
            answer => _placement.Answered(number, answer, slots, Clock),
            () => _placement.Failed(number, Clock));
    }

    void IPlacementActions.SetTimer(TimeSpan dueAt)
    {
        var number = ++_placementTimer;
        _process.At(dueAt, () =>
        {
            if (number == _placementTimer)
                _placement.TimerDue(Clock);
        });
    }

    void IPlacementActions.Register(ClusterKey key, long keyEpoch)
    {
        World.Log($"{this} registers {key.Key} epoch {keyEpoch}");
        _desired[key] = keyEpoch;
        Later(() =>
        {
            if (Session is { } session)
                Request(session, key, keyEpoch);
            else
                EnsureSession();
        });
    }

    void IPlacementActions.Release(ClusterKey key, long keyEpoch)
    {
        World.Log($"{this} releases {key.Key} epoch {keyEpoch}");
        if (_desired.GetValueOrDefault(key) == keyEpoch)
            _desired.Remove(key);
        World.After(_process.Random.NextMilliseconds(2, 60), () => _process.Post(() =>
        {
            if (_desired.ContainsKey(key))
                return;
            if (Session is { } session && session.Has(key) && CheckPermit())
                ModelBroker.OnRelease(session, key);
            _placement.KeyEnded(key, keyEpoch, PlacementReportKind.Released, "", "", Clock);
        }));
    }

    private void Later(Action action) => World.After(TimeSpan.Zero, () => _process.Post(action));

    private void EnsureSession()
    {
        if (Session is not null || _isConnecting || _isHalted || _wantsSession || _desired.Count == 0)
            return;
        _wantsSession = true;
        _lease.RequestAttempt(Clock);
    }

    // What the session does before each send.
    private bool CheckPermit()
    {
        if (_lease.MaySend(Clock))
            return true;
        DropSession();
        return false;
    }

    private void Connected()
    {
        if (!_isConnecting)
            return;
        _isConnecting = false;
        if (_isHalted || !_lease.MaySend(Clock))
        {
            Later(EnsureSession);
            return;
        }

        Session = HasLine ? _broker.OnConnected(this) : null;
        if (Session is null)
        {
            _hasFailed = true;
            World.After(TimeSpan.FromSeconds(1), () => _process.Post(EnsureSession));
            return;
        }

        _hasFailed = false;
        _lease.Connected(Clock);
        foreach (var (key, keyEpoch) in _desired.ToList())
            Request(Session, key, keyEpoch);
    }

    private void Request(ModelSession session, ClusterKey key, long keyEpoch)
    {
        World.After(_process.Random.NextMilliseconds(1, 60), () => _process.Post(() =>
        {
            if (Session != session || _desired.GetValueOrDefault(key) != keyEpoch || !CheckPermit())
                return;
            if (session.Has(key))
            {
                _placement.KeyRegistered(key, keyEpoch, Clock);
                return;
            }

            var refusal = _broker.OnRegister(session, key, keyEpoch);
            World.After(_process.Random.NextMilliseconds(1, 60), () => _process.Post(() =>
            {
                if (Session != session || _desired.GetValueOrDefault(key) != keyEpoch)
                    return;
                if (refusal is not { } kind)
                {
                    _placement.KeyRegistered(key, keyEpoch, Clock);
                    return;
                }

                _desired.Remove(key);
                _placement.KeyEnded(key, keyEpoch, kind, "OPSP0000", "refused", Clock);
            }));
        }));
    }

    private void DropSession()
    {
        _isConnecting = false;
        _wantsSession = false;
        _lease.CancelAttempt();
        Session?.Die();
        Session = null;
    }
}
