using KisFeed.Diagnostics;
using KisFeed.Session;
using KisFeed.Wire;
using KisFeed.Wire.Control;

namespace KisFeed.Client;

// Describes what is wrong with the session.
internal sealed partial class SessionConnection
{
    private Exception? _cause;

    /// <summary>The last problem. Guarded by the lock of the sessions.</summary>
    public string? Problem { get; private set; }

    /// <summary>The last problem in a few words that may be shown to anybody. Guarded by the lock of the sessions.</summary>
    public string? Summary { get; private set; }

    /// <summary>The error that ended the session, if it has ended.</summary>
    public ConnectionLostException? Halt { get; private set; }

    /// <summary>Whether a registration has ever been confirmed.</summary>
    public bool HasWorked { get; set; }

    private string AttemptsText => $"{_options.Reconnect.AttemptsPerMinute} attempts within a minute or {_options.Reconnect.AttemptsPerHour} within an hour";

    private string WaitText => _machine.NextAttemptAt is { } next ? $"the next attempt follows in {(next - Now).TotalSeconds:0.0} s" : "the next attempt follows with the next subscription";

    /// <summary>Warns once when few new registrations are left, and again after there were enough in between. Call it under the lock.</summary>
    public void WarnIfBudgetLow(TimeSpan now)
    {
        if (_machine.NewRegistrations.TryWarn(now, out var left))
            ClientLog.FewRegistrationsLeft(_logger, _machine.Settings.Name, left, _options.NewRegistrationsPerMinute, _options.NewRegistrationsPerHour);
    }

    /// <summary>Removes our own secrets from a server's text. Call it under the lock.</summary>
    /// <param name="text">The text.</param>
    /// <param name="about">The registration that the text concerns, if it may already be removed from the session.</param>
    public string Redact(string text, Registration? about = null)
    {
        var htsIds = _machine.Registrations.Append(about).Where(r => r?.Feed.IsNotice == true).Select(r => r!.Key);
        return new SecretRedactor([_approvalKey, _credentials.AppSecret, _credentials.AppKey, _credentials.HtsId, .. htsIds]).Apply(text);
    }

    /// <summary>The connection was lost, and the machine has decided what follows.</summary>
    public void OnLost(LossReason reason, BrokerReply? reply)
    {
        if (reply?.Code.Meaning == BrokerCodeMeaning.UnknownApprovalKey)
            _options.ApprovalKeys.Invalidate(_options, _credentials, _approvalKey);
        _cause = null;
        Problem = reason switch
        {
            LossReason.Refused => $"the server refused the session: {Redact($"{reply!.Code} {reply.Text}")}; {reply.Code.Advice}",
            LossReason.StoodDown => $"the session stood down: it has lost {_permit?.Awaited}",
            LossReason.Silence => $"nothing arrived for {_options.WatchdogTimeout.TotalSeconds:0.#} s",
            _ => Problem ?? "the connection was lost",
        };
        Summary = reason switch
        {
            LossReason.Refused => SummaryOf(reply!.Code.Meaning),
            LossReason.Silence => "connected, but nothing arrived",
            LossReason.StoodDown => null,
            _ => "the connection was lost",
        };
        if (_machine.Phase != SessionPhase.Halted)
            ClientLog.Lost(_logger, _machine.Settings.Name, _url, Problem);
    }

    /// <summary>The session ended and does not reconnect.</summary>
    public void OnHalted(HaltReason reason, BrokerReply? reply)
    {
        var inner = _cause is ConnectionLostException ? null : _cause;
        Halt = new ConnectionLostException($"{_url}{SessionText}: {Problem}{Explain(reason)}", inner!) { Code = reply is null ? null : CodeOf(reply), Reason = reason };
        Problem = Halt.Message;
        if (_firstConnection.TrySetException(Halt))
            _ = _firstConnection.Task.Exception;
        ClientLog.Halted(_logger, _machine.Settings.Name, reason, Halt.Message);
        _permit?.OnHalted();
    }

    /// <summary>Describes why a registration failed.</summary>
    public Exception CreateRefusal(Registration registration, RefusalReason reason, BrokerReply? reply) => reason switch
    {
        RefusalReason.NoReply => new SubscribeTimeoutException($"{registration.Feed.TrId}: the server did not answer within {_options.ReplyTimeout.TotalSeconds:0.#} s; subscribe again; if that fails too, connect again"),
        RefusalReason.NoNoticeKey => new SubscribeRefusedException($"{registration.Feed.TrId}: the server holds the registration but sends no key to decrypt its notices; end other sessions of this app key and connect again") { Code = BrokerCode.AlreadySubscribed },
        RefusalReason.TooManyNew => ClientRuntime.TooManyNew(registration.Feed, _options, registration.Session.Settings.ReplyTimeout),
        _ => new SubscribeRefusedException($"{registration.Feed.TrId} was refused: {Redact($"{reply!.Code} {reply.Text}", registration)}; {reply.Code.AdviceFor(registration.Feed)}")
        {
            Code = CodeOf(reply, registration),
            BrokerText = Redact(reply.Text, registration),
        },
    };

    // A server can send any text as its code.
    private BrokerCode CodeOf(BrokerReply reply, Registration? about = null) => reply.Code.Meaning == BrokerCodeMeaning.Unknown ? new BrokerCode(Redact(reply.Code.Value, about)) : reply.Code;

    private string GivenUp => $"given up after {DurationText.Format(_options.Reconnect.GiveUpAfter ?? TimeSpan.Zero)}";

    private static string SummaryOf(BrokerCodeMeaning meaning) => meaning switch
    {
        BrokerCodeMeaning.AppKeyInUse => "another session holds the app key",
        BrokerCodeMeaning.UnknownApprovalKey => "the approval key is not known",
        BrokerCodeMeaning.BadCredentials => "the credentials are refused",
        _ => "the session is refused",
    };

    private string SessionText => _options.AdditionalAppKeys.Count == 0 ? "" : $" (app key {_machine.Settings.Name})";

    private string Explain(HaltReason reason) => reason switch
    {
        HaltReason.BadCredentials => "; no further attempt is made: correct the credentials and start again",
        HaltReason.ApprovalKeyRefused => $"; this server does not know the approval keys that {KisEndpoints.ApprovalOf(_options)} issues, so check that the WebSocket address, the REST address and the environment belong together",
        HaltReason.AppKeyInUse when _options.Reconnect.IsEnabled => HasWorked
            ? $"; {GivenUp}; it is likely that another program has taken the app key over since: end it, or use another app key"
            : $"; {GivenUp}; it is likely that another program, here or on another machine, holds a session with this app key all the time: end it, share its session, or use another app key",
        HaltReason.Fruitless => $"; {GivenUp}, after {_machine.Failures} failed attempts: check that the app key may use this service and is not blocked",
        HaltReason.Silent => $"; {GivenUp}, after {_machine.Failures} silent connections: if the service is merely quiet, allow a longer time without messages than {_options.WatchdogTimeout.TotalSeconds:0.#} s",
        HaltReason.Unreachable => $"; {GivenUp}",
        _ => "",
    };
}
