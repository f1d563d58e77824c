using System.Buffers;
using System.Text;
using KisFeed.Feeds;
using KisFeed.Server.Protocol;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging.Abstractions;

namespace KisFeed.Server.Tests.Protocol;

/// <summary>A session with a fake connection and a fake source.</summary>
public sealed class ProtocolSessionTests
{
    private readonly FakeConnection _connection = new();
    private readonly FakeSource _source = new();

    [Fact]
    public async Task Keys_are_kept_until_the_source_has_unsubscribed()
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Registrations_share_a_key_unless_each_has_its_own(bool perRegistration)
    {
        var session = NewSession(out var approvalKey, perRegistration);
        foreach (var htsId in new[] { "anna", "bert" })
            await session.HandleTextAsync(Encoding.UTF8.GetBytes(FeedClient.Request(approvalKey, "1", "H0IFCNI0", htsId)));
        using var first = FeedClient.Parse(_connection.Sent[0]).NoticeKey!;
        using var second = FeedClient.Parse(_connection.Sent[1]).NoticeKey!;
        second.Matches(first).ShouldBe(!perRegistration);
        await session.HandleTextAsync(Encoding.UTF8.GetBytes(FeedClient.Request(approvalKey, "2", "H0IFCNI0", "anna")));

        // The key of the other registration still works.
        using var cipher = new NoticeCipher(second.Copy());
        _source.Registrations.ShouldHaveSingleItem().Deliver("later"u8);
        Read(cipher, _connection.Sent[^1]).ShouldBe("0|H0IFCNI0|001|later");
        await session.DisposeAsync();
    }

    [Fact]
    public async Task The_answer_precedes_data_delivered_immediately_by_the_source()
    {
        var session = NewSession(out var approvalKey);
        _source.DeliversOnSubscribe = true;
        await session.HandleTextAsync(Encoding.UTF8.GetBytes(FeedClient.Request(approvalKey, "1", "H0UPCNT0", "0001")));
        _connection.Sent.Count.ShouldBe(2);
        FeedClient.Parse(_connection.Sent[0]).IsSuccess.ShouldBeTrue();
        _connection.Sent[1].ShouldBe("0|H0UPCNT0|001|first");
        await session.DisposeAsync();
    }

    [Fact]
    public async Task A_registration_that_the_source_does_not_admit_is_refused_with_its_code()
    {
        var admission = new TaskCompletionSource<BrokerCode?>();
        var session = NewSession(out var approvalKey);
        _source.Admission = admission.Task;
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
        var time = new ManualTimeProvider();
        var keys = new ApprovalKeys(time);
        var (anna, bert) = (keys.Issue("anna"), keys.Issue("bert"));
        var gate = new AppKeyGate(keys, time);
        gate.Begin(anna, out var owner).ShouldBeNull();
        gate.Begin(anna, out _).ShouldBe(BrokerCode.AppKeyInUse);
        gate.Begin(bert, out _).ShouldBeNull();

        gate.End(owner, wasClosed: true);

        gate.Begin(anna, out _).ShouldBeNull();
    }

    private static string? Read(NoticeCipher cipher, string frame)
    {
        var output = new ArrayBufferWriter<byte>();
        DataFrame.TryParse(Encoding.UTF8.GetBytes(frame), out var parsed, out _).ShouldBeTrue();
        return cipher.TryDecrypt(parsed, output, out _) ? Encoding.UTF8.GetString(output.WrittenSpan) : null;
    }

    private ProtocolSession NewSession(out string approvalKey, bool usesKeyPerRegistration = false)
    {
        var time = new ManualTimeProvider();
        var options = TestSessions.Options(time) with { UsesKeyPerRegistration = usesKeyPerRegistration };
        approvalKey = options.ApprovalKeys.Issue(TestCredentials.NewAppKey());
        return new ProtocolSession(options, _source, new AppKeyGate(options.ApprovalKeys, time), _connection);
    }

    private sealed class FakeSource : IFeedSource
    {
        public List<ClientRegistration> Registrations { get; } = [];

        public bool DeliversOnSubscribe { get; set; }

        public Task<BrokerCode?> Admission { get; set; } = Task.FromResult<BrokerCode?>(null);

        public bool IsWellFormed(string trId, string trKey) => true;

        public async ValueTask<BrokerCode?> AdmitAsync(FeedSchema feed, string trKey) => await Admission;

        public ValueTask SubscribeAsync(ClientRegistration registration)
        {
            Registrations.Add(registration);
            if (DeliversOnSubscribe)
                Deliver(registration, "first"u8);
            return ValueTask.CompletedTask;
        }

        public ValueTask UnsubscribeAsync(ClientRegistration registration)
        {
            Deliver(registration, "last"u8);
            Registrations.Remove(registration).ShouldBeTrue();
            return ValueTask.CompletedTask;
        }

        private static void Deliver(ClientRegistration registration, ReadOnlySpan<byte> record)
        {
            registration.Deliver(record);
            registration.Output.Flush();
        }
    }
}
