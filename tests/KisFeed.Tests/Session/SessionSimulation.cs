using System.Text;
using KisFeed.Feeds;
using KisFeed.Session;
using KisFeed.Wire;

namespace KisFeed.Tests.Session;

/// <summary>
/// A session against a modelled server, both driven by one seed: subscriptions come and go, answers are delayed, lost, doubled and refused.
/// After every step what must always hold is checked.
/// </summary>
/// <remarks>
/// A refusal without a name, on a connection where answers also come late or not at all, could be about any request, and no client could
/// tell. So each seed has one of three kinds of trouble: nameless refusals, late and doubled answers, or lost requests and answers.
/// </remarks>
internal sealed class SessionSimulation
{
    private const int Limit = 6;
    private static readonly string[] s_keys = ["0001", "1001", "2001", "3001", "4001", "5001", "6001", "7001", "8001"];

    private readonly Random _random;
    private readonly SessionDriver _driver;
    private readonly HashSet<string> _server = new(StringComparer.Ordinal);
    private readonly bool _nameless;
    private readonly bool _late;
    private readonly bool _lost;
    private readonly Queue<string> _answers = new();
    private readonly Dictionary<string, int> _wanted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Registration> _registrations = new(StringComparer.Ordinal);
    private int _answered;
    private int _logged;
    private bool _faults = true;

    public SessionSimulation(int seed)
    {
        _random = new Random(seed);
        _nameless = seed % 3 == 0;
        _late = seed % 3 == 1;
        _lost = seed % 3 == 2;
        _driver = new SessionDriver(new SessionSettings { MaxRegistrations = Limit, WatchdogTimeout = TimeSpan.FromDays(1) }).Open();
    }

    public void Run(int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            Step();
            Check();
        }

        _faults = false;
        for (var i = 0; i < 200; i++)
        {
            Serve();
            Answer();
            _driver.Pass(1_000);
            Notice();
            Check();
        }

        // Whatever happened, the server ends up holding just what is wanted.
        _server.ShouldBe(_wanted.Where(w => w.Value > 0).Select(w => w.Key), ignoreOrder: true);
        _driver.Machine.Registrations.ShouldAllBe(r => r.IsConfirmed && r.Demand > 0);
    }

    private void Step()
    {
        switch (_random.Next(6))
        {
            case 0:
                Subscribe(s_keys[_random.Next(s_keys.Length)]);
                break;
            case 1:
                Unsubscribe(s_keys[_random.Next(s_keys.Length)]);
                break;
            case 2:
                Serve();
                break;
            case 3:
                Answer();
                break;
            case 4 when !_nameless && _random.Next(10) == 0:
                WaitForReplyTimeout();
                break;
            default:
                _driver.Pass(_random.Next(100));
                break;
        }

        Notice();
    }

    // Where answers get lost, those that do not are in time.
    private void WaitForReplyTimeout()
    {
        if (_lost)
        {
            Serve();
            while (_answers.Count > 0)
                Answer();
        }

        _driver.Pass(10_000);
    }

    private void Subscribe(string key)
    {
        var others = _wanted.Count(w => w.Value > 0 && w.Key != key);
        var registration = _driver.Machine.TrySubscribe(IndexTrade.Feed.Schema, key, _driver.Now);
        if (registration is null)
        {
            others.ShouldBe(Limit, "there was room");
            return;
        }

        _registrations[key] = registration;
        _wanted[key] = _wanted.GetValueOrDefault(key) + 1;
    }

    private void Unsubscribe(string key)
    {
        if (_wanted.GetValueOrDefault(key) == 0)
            return;
        _wanted[key]--;
        _driver.Unsubscribe(_registrations[key]);
    }

    private void Serve()
    {
        for (; _answered < _driver.Actions.Sent.Count; _answered++)
        {
            Request.TryParse(Encoding.UTF8.GetBytes(_driver.Actions.Sent[_answered]), out var request, out _).ShouldBeTrue();
            var chance = _faults ? _random.Next(20) : 20;
            if (chance == 0 && _lost)
                continue;

            var code = chance == 1 ? "OPSP0007" : Decide(request);
            if (chance == 2 && _lost)
                continue;
            _answers.Enqueue(Write(request, code));
            if (chance == 3 && _late && request.Type == RequestType.Register)
                _answers.Enqueue(Write(request, code));
        }

        _server.Count.ShouldBeLessThanOrEqualTo(Limit);
    }

    private string Decide(Request request)
    {
        if (request.Type == RequestType.Release)
            return _server.Remove(request.TrKey) ? "OPSP0001" : "OPSP0003";
        if (_server.Contains(request.TrKey))
            return "OPSP0002";
        _server.Count.ShouldBeLessThan(Limit, "more was registered than the broker allows");
        _server.Add(request.TrKey);
        return "OPSP0000";
    }

    private string Write(Request request, string code)
    {
        var success = code is "OPSP0000" or "OPSP0001";
        var header = !success && _nameless ? """{"tr_id":"(null)"}""" : $$"""{"tr_id":"{{request.TrId}}","tr_key":"{{request.TrKey}}"}""";
        return $$$"""{"header":{{{header}}},"body":{"rt_cd":"{{{(success ? 0 : 9)}}}","msg_cd":"{{{code}}}","msg1":""}}""";
    }

    private void Answer()
    {
        if (_answers.TryDequeue(out var answer))
            _driver.Receive(answer);
    }

    // A refused registration is no longer wanted: its subscribers have been told.
    private void Notice()
    {
        for (; _logged < _driver.Actions.Log.Count; _logged++)
        {
            var words = _driver.Actions.Log[_logged].Split(' ');
            if (words[0] == "refused")
                _wanted[words[1].Split(':')[1]] = 0;
        }
    }

    private void Check()
    {
        var registrations = _driver.Machine.Registrations;
        registrations.Count(r => r.Demand > 0).ShouldBeLessThanOrEqualTo(Limit);
        registrations.DistinctBy(r => r.Key, StringComparer.Ordinal).Count().ShouldBe(registrations.Count);
        foreach (var (key, count) in _wanted)
            (registrations.SingleOrDefault(r => r.Key == key)?.Demand ?? 0).ShouldBe(count);
    }
}
