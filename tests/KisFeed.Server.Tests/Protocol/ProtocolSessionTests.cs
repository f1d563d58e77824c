using System.Buffers;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server.Tests.Protocol;

/// <summary>A session without Kestrel and without a market; both are fakes.</summary>
public sealed class ProtocolSessionTests
{
    private readonly FakeConnection _connection = new();
    private readonly FakeSource _source = new();

    [Fact]
    public async Task Keys_live_until_the_source_has_let_go_and_no_longer()
    {
        var session = NewSession(out var approvalKey);
        await session.HandleTextAsync(Encoding.UTF8.GetBytes(FeedClient.Request(approvalKey, "1", "H0IFCNI0", "anna")));
        using var cipher = new NoticeCipher(FeedClient.Parse(_connection.Sent[0]).NoticeKey!);
        var registration = _source.Registrations.ShouldHaveSingleItem();
        registration.TrKey.ShouldBe("anna");

        await session.DisposeAsync();

        _source.Registrations.ShouldBeEmpty();
        Read(cipher, _connection.Sent[1]).ShouldBe("0|H0IFCNI0|001|last");
        registration.Deliver("after"u8);
        Read(cipher, _connection.Sent[2]).ShouldBeNull();
    }

    [Fact]
    public async Task The_answer_precedes_what_the_source_delivers_at_once()
    {
        var session = NewSession(out var approvalKey);
        _source.DeliversAtOnce = true;
        await session.HandleTextAsync(Encoding.UTF8.GetBytes(FeedClient.Request(approvalKey, "1", "H0UPCNT0", "0001")));
        _connection.Sent.Count.ShouldBe(2);
        FeedClient.Parse(_connection.Sent[0]).IsSuccess.ShouldBeTrue();
        _connection.Sent[1].ShouldBe("0|H0UPCNT0|001|first");
        await session.DisposeAsync();
    }

    [Fact]
    public async Task What_the_source_does_not_admit_is_refused_with_its_code_and_never_subscribed()
    {
        var admission = new TaskCompletionSource<BrokerCode?>();
        var session = NewSession(out var approvalKey);
        _source.AccessControl = admission.Task;
        var handled = session.HandleTextAsync(Encoding.UTF8.GetBytes(FeedClient.Request(approvalKey, "1", "H0UPCNT0", "0001")));
        _connection.Sent.ShouldBeEmpty("the source has not decided");

        admission.SetResult(BrokerCode.TooManySubscriptions);
        await handled;

        var answer = FeedClient.Parse(_connection.Sent.ShouldHaveSingleItem());
        answer.Code.ShouldBe(BrokerCode.TooManySubscriptions);
        answer.TrKey.ShouldBe("0001");
        _source.Registrations.ShouldBeEmpty();
        session.RegistrationCount.ShouldBe(0);
        await session.DisposeAsync();
    }

    [Fact]
    public void An_app_key_has_one_session_at_a_time()
    {
        var claims = new AppKeySessions(new ManualTimeProvider());
        claims.TryClaim("anna").ShouldBeTrue();
        claims.TryClaim("anna").ShouldBeFalse();
        claims.TryClaim("bert").ShouldBeTrue();

        claims.Release("anna", wasClosed: true);

        claims.TryClaim("anna").ShouldBeTrue();
    }

    private static string? Read(NoticeCipher cipher, string frame)
    {
        var output = new ArrayBufferWriter<byte>();
        DataFrame.TryParse(Encoding.UTF8.GetBytes(frame), out var parsed, out _).ShouldBeTrue();
        return cipher.TryDecrypt(parsed, output, out _) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }

    private ProtocolSession NewSession(out string approvalKey)
    {
        var time = new ManualTimeProvider();
        var approvalKeys = new ApprovalKeys(time);
        var rules = new SessionOptions
        {
            Catalog = KisFeeds.Catalog,
            Source = _source,
            Credentials = new CredentialRules(null, null, null),
            ApprovalKeys = approvalKeys,
            Gate = new AppKeyGate(approvalKeys, new AppKeySessions(time)),
            Counters = new ServerCounters(),
            MaxRegistrations = 41,
            HeartbeatInterval = TimeSpan.FromSeconds(10),
            HeartbeatTimeout = TimeSpan.FromSeconds(10),
            TimeProvider = time,
            Logger = NullLogger.Instance,
        };
        approvalKey = rules.ApprovalKeys.Issue(TestCredentials.NewAppKey());
        return new ProtocolSession(rules, _connection);
    }

    private sealed class FakeSource : IFeedSource
    {
        public List<Registration> Registrations { get; } = [];

        public bool DeliversAtOnce { get; set; }

        public Task<BrokerCode?> AccessControl { get; set; } = Task.FromResult<BrokerCode?>(null);

        public bool IsWellFormed(string trId, string trKey) => true;

        public async ValueTask<BrokerCode?> AdmitAsync(FeedSchema feed, string trKey) => await AccessControl;

        public ValueTask SubscribeAsync(Registration registration)
        {
            Registrations.Add(registration);
            if (DeliversAtOnce)
                Deliver(registration, "first"u8);
            return ValueTask.CompletedTask;
        }

        public ValueTask UnsubscribeAsync(Registration registration)
        {
            Deliver(registration, "last"u8);
            Registrations.Remove(registration).ShouldBeTrue();
            return ValueTask.CompletedTask;
        }

        private static void Deliver(Registration registration, ReadOnlySpan<byte> record)
        {
            registration.Deliver(record);
            registration.Output.Flush();
        }
    }
}
