namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks that the service accepts a registration.</summary>
internal sealed class SubscriptionCheck() : Check(UiText.Of("subscription", "구독"), isRequired: true)
{
    public override async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        var target = context.Target!;
        var client = context.Client!;
        var start = context.Host.Time.GetTimestamp();
        try
        {
            context.Subscription = await client.SubscribeAsync(target.Feed, target.Key, cancellationToken: cancellationToken);
            var milliseconds = context.Host.Time.GetElapsedTime(start).TotalMilliseconds;
            return [Ok(UiText.Of($"{target}: acknowledged in {milliseconds:0} ms", $"{target}: 등록 확인({milliseconds:0} ms)"))];
        }
        catch (KisFeedException e)
        {
            return [Failed(e, AdviceOn(e))];
        }
        catch (ArgumentException e)
        {
            return [Failed(e.Message, advice: null, ExitCode.Usage)];
        }
    }

    private static string AdviceOn(KisFeedException failure)
    {
        var code = failure switch
        {
            SubscribeRefusedException refused => refused.Code,
            ConnectionLostException { Code: { } lost } => lost,
            _ => default(BrokerCode?),
        };
        return code?.Meaning switch
        {
            BrokerCodeMeaning.AppKeyInUse =>
                UiText.Of(
                    "The broker allows one session per app key, and there is one already: end the other program (on any machine) that "
                        + "uses this app key, or use another app key. If that program ended without closing its connection, the broker "
                        + "keeps its session for some minutes: wait, and run this again, once.",
                    "앱키 하나로 세션을 하나만 열 수 있는데 이미 열려 있습니다. 이 앱키를 쓰는 다른 프로그램(다른 컴퓨터일 수도 있음)을 끝내거나 다른 앱키를 쓰세요. 그 프로그램이 연결을 닫지 못하고 끝났다면 증권사가 몇 "
                        + "분 동안 세션을 유지하니, 기다렸다가 한 번만 다시 실행하세요."),
            BrokerCodeMeaning.UnknownApprovalKey => UiText.Of(
                "The server does not know the approval key that REST issued: check that --url, --rest and --env belong to the same "
                    + "service.",
                "서버가 REST에서 발급한 접속키를 모릅니다. --url, --rest, --env가 같은 서비스의 것인지 확인하세요."),
            BrokerCodeMeaning.BadCredentials => UiText.Of(
                "Check the app key and the app secret, and that they are for this service (--env).",
                "앱키와 앱 시크릿, 그리고 이 서비스(--env)의 것인지 확인하세요."),
            BrokerCodeMeaning.WrongHtsId => UiText.Of(
                "Check the HTS ID: it is case-sensitive, and must belong to the account of the app key.",
                "HTS ID를 확인하세요. 대소문자를 구별하며, 앱키의 계좌에 속해야 합니다."),
            BrokerCodeMeaning.InvalidRegistration => UiText.Of(
                "Check feed and key: 'kisfeed feeds' lists the feeds with an example key each.",
                "피드와 키를 확인하세요. 피드 목록과 키의 예는 'kisfeed feeds'로 볼 수 있습니다."),
            BrokerCodeMeaning.TryLater =>
                UiText.Of(
                    "Try again in a few minutes. If this persists, the account may not be entitled to this market's data.",
                    "몇 분 뒤에 다시 해 보세요. 계속되면 이 시장의 시세 권한이 없는 계좌일 수 있습니다."),
            BrokerCodeMeaning.SessionFull =>
                UiText.Of(
                    "The session has as many registrations as the broker allows; another program seems to share it.",
                    "증권사가 허용하는 등록이 모두 찼습니다. 다른 프로그램이 함께 쓰고 있는 것 같습니다."),
            _ => failure is SubscribeTimeoutException
                ? UiText.Of(
                    "The connection is open, but the service does not answer: try again in a minute, once.",
                    "연결은 되었지만 서비스가 응답하지 않습니다. 1분 뒤에 한 번만 다시 해 보세요.")
                : UiText.Of(
                    "Try again in a minute, once; not in a loop, because the broker blocks such addresses.",
                    "1분 뒤에 한 번만 다시 해 보세요. 되풀이하면 증권사가 주소를 차단합니다."),
        };
    }
}
