namespace KisFeed.Cli.Diagnosis;

/// <summary>Requests an approval key and opens the WebSocket, once.</summary>
internal sealed class ConnectionCheck() : Check(UiText.Of("connection", "연결"), isRequired: true)
{
    private static string ApprovalKey => UiText.Of("approval key", "접속키");
    private const string WebSocket = "WebSocket";

    public override async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        var addresses = ServiceAddresses.Of(context.Options);
        using var times = new ConnectTimings(addresses, context.Host.Time);
        try
        {
            context.Client = await KisFeedClient.ConnectAsync(context.Options, cancellationToken);
            var connected = UiText.Of(
                $"{ServiceAddresses.Show(addresses.WebSocket)} connected in {Milliseconds(times.SocketTime)}",
                $"{ServiceAddresses.Show(addresses.WebSocket)} 접속({Milliseconds(times.SocketTime)})");
            return [KeyOf(times), Ok(connected) with { Check = WebSocket }];
        }
        catch (ApprovalKeyException e)
        {
            return [Failed(e, AdviceOn(e, context.Options.Environment)) with { Check = ApprovalKey }];
        }
        catch (KisFeedException e) when (times.IsSocketRequested)
        {
            var advice = e is ConnectionFailedException { IsRejected: true }
                ? UiText.Of(
                    "The server there is not the broker's service: check the address, its port and its path (--url, KISFEED_URL).",
                    "증권사 서비스가 아닙니다. 주소와 포트, 경로를 확인하세요(--url, KISFEED_URL).")
                : UiText.Of(
                    "The port answers, but does not accept the WebSocket: try again in a minute, once. If this persists, ask the broker "
                        + "whether the address or the app key is blocked.",
                    "포트는 응답하지만 웹소켓을 받지 않습니다. 1분 뒤에 한 번만 다시 해 보세요. 계속되면 주소나 앱키가 차단되었는지 증권사에 문의하세요.");
            return [KeyOf(times), Failed(e, advice) with { Check = WebSocket }];
        }
        catch (KisFeedException e)
        {
            return [Failed(e, UiText.Of(
                "The REST service does not answer: try again in a minute.",
                "REST 서비스가 응답하지 않습니다. 1분 뒤에 다시 해 보세요.")) with { Check = ApprovalKey }];
        }
    }

    private Finding KeyOf(ConnectTimings times)
    {
        var text = times.IsKeyRequested ? UiText.Of(
            $"issued in {Milliseconds(times.ApprovalTime)}",
            $"발급됨({Milliseconds(times.ApprovalTime)})") : UiText.Of(
            "an earlier one is still valid",
            "전에 발급받은 것이 아직 유효함");
        return Ok(text) with { Check = ApprovalKey };
    }

    private static string AdviceOn(ApprovalKeyException failure, KisEnvironment environment) => (failure.Failure, failure.ErrorCode) switch
    {
        (ConnectFailure.BadCredentials, "EGW00105") =>
            UiText.Of(
                "The app secret does not belong to this app key: copy both again from KIS Developers.",
                "이 앱키의 시크릿이 아닙니다. KIS Developers에서 둘 다 다시 복사하세요."),
        (ConnectFailure.BadCredentials, _) => UiText.Of(
            "Copy the app key again from KIS Developers. Production and mock have separate app keys; this run uses "
                + $"{(environment == KisEnvironment.Mock ? "mock" : "production")} (--env).",
            $"KIS Developers에서 앱키를 다시 복사하세요. 실전투자와 모의투자는 앱키가 다르며, 지금은 {(environment == KisEnvironment.Mock ? "모의투자" : "실전투자")}입니다(--env)."),
        (ConnectFailure.TooManyRequests, _) => UiText.Of(
            "Wait a minute and run this again, once. The broker issues one approval key per second.",
            "1분 뒤에 한 번만 다시 실행하세요. 접속키는 1초에 하나만 발급됩니다."),
        (ConnectFailure.Rejected, null) =>
            UiText.Of(
                "The server there is not the broker's service: check the address (--rest, KISFEED_REST, or --url).",
                "증권사 서비스가 아닙니다. 주소를 확인하세요(--rest, KISFEED_REST, --url)."),
        (ConnectFailure.Rejected, _) =>
            UiText.Of(
                "The broker's code states the reason; check that the app key is still valid and may use this service.",
                "이유는 증권사의 오류 코드에 있습니다. 앱키가 아직 유효한지, 이 서비스를 쓸 수 있는지 확인하세요."),
        _ => UiText.Of(
            "The REST service fails or cannot be reached: try again later. The broker announces maintenance on KIS Developers.",
            "REST 서비스에 문제가 있거나 접속할 수 없습니다. 나중에 다시 해 보세요. 점검은 KIS Developers에 공지됩니다."),
    };

    private static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds:0} ms";
}
