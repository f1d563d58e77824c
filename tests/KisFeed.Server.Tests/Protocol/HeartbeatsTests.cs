using System.Text;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server.Tests.Protocol;

public sealed class HeartbeatsTests
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    private readonly ManualTimeProvider _time = new();
    private readonly FakeConnection _connection = new();
    private int _unanswered;

    [Fact]
    public void A_client_whose_queue_is_behind_has_more_time_to_answer()
    {
        using var heartbeats = NewHeartbeats(s_timeout);
        _time.Advance(s_interval);
        _connection.IsBehind = true;
        for (var i = 0; i < 5; i++)
            _time.Advance(s_timeout);
        _unanswered.ShouldBe(0);

        _connection.IsBehind = false;
        _time.Advance(s_timeout);

        _unanswered.ShouldBe(1);
        _connection.Sent.Count.ShouldBe(1);
    }

    [Fact]
    public void The_next_heartbeat_is_sent_an_interval_after_the_answer()
    {
        using var heartbeats = NewHeartbeats(s_timeout);
        _time.Advance(s_interval);
        _time.Advance(s_timeout / 2);
        heartbeats.TryAnswer(Encoding.UTF8.GetBytes(_connection.Sent[^1])).ShouldBeTrue();

        _time.Advance(s_interval - TimeSpan.FromTicks(1));
        _connection.Sent.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromTicks(1));

        _connection.Sent.Count.ShouldBe(2);
        _unanswered.ShouldBe(0);
    }

    [Fact]
    public void Heartbeats_without_required_answers_are_sent_at_a_fixed_interval()
    {
        using var heartbeats = NewHeartbeats(Timeout.InfiniteTimeSpan);
        for (var i = 1; i <= 5; i++)
        {
            _time.Advance(s_interval);
            _connection.Sent.Count.ShouldBe(i);
            if (i % 2 == 0)
                heartbeats.TryAnswer("""{"tr_id":"PINGPONG"}"""u8);
        }

        _unanswered.ShouldBe(0);
    }

    [Fact]
    public void Only_the_first_answer_to_a_heartbeat_is_exempt_from_request_limits()
    {
        using var heartbeats = NewHeartbeats(Timeout.InfiniteTimeSpan);
        var answer = """{"header":{"tr_id":"PINGPONG"}}"""u8.ToArray();
        heartbeats.TryAnswerOnce(answer).ShouldBeFalse("there was no heartbeat");
        _time.Advance(s_interval);
        _time.Advance(s_interval);

        heartbeats.TryAnswerOnce("{}"u8).ShouldBeFalse();
        heartbeats.TryAnswerOnce(answer).ShouldBeTrue();
        heartbeats.TryAnswerOnce(answer).ShouldBeTrue();
        heartbeats.TryAnswerOnce(answer).ShouldBeFalse();
    }

    private Heartbeats NewHeartbeats(TimeSpan timeout) => new(
        _connection,
        TestSessions.Options(_time) with { HeartbeatInterval = s_interval, HeartbeatTimeout = timeout },
        () => _unanswered++);
}
