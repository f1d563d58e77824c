namespace KisFeed.Cli.Diagnosis;

/// <summary>Waits for the first frame.</summary>
internal sealed class FirstFrameCheck() : Check(UiText.Of("first frame", "첫 프레임"), isRequired: false)
{
    public override async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        if (context.Subscription is not { } subscription)
            return [Skipped(UiText.Of("nothing is subscribed to", "구독한 것이 없음"))];
        var time = context.Host.Time;
        var start = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(context.Wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await foreach (var item in subscription.ReadAllAsync(either.Token))
            {
                if (!item.IsFrame && item.Event is not MalformedFrame)
                    continue;
                context.First = item;
                return [Ok(UiText.Of(
                    $"received after {time.GetElapsedTime(start).TotalSeconds:0.0} s",
                    $"{time.GetElapsedTime(start).TotalSeconds:0.0}초 뒤에 받음"))];
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Timed out.
        }
        catch (KisFeedException e)
        {
            return [Failed(
                e, UiText.Of(
                    "The service ended the session: check whether another program uses the app key, and run this again in a minute, once.",
                    "서비스가 세션을 끝냈습니다. 다른 프로그램이 앱키를 쓰고 있는지 확인하고 1분 뒤에 한 번만 다시 실행하세요."))];
        }

        return [None(context, UiText.Of(
            $"none received within {context.Wait.TotalSeconds:0.#} s",
            $"{context.Wait.TotalSeconds:0.#}초 안에 오지 않음"))];
    }

    private Finding None(DoctorContext context, string text)
    {
        if (context.Target!.Feed.IsNotice)
            return Note(UiText.Of($"{text}: order notices are sent only when there are orders", $"{text}. 주문 통보는 주문이 있을 때만 옵니다"));
        if (!TradingHours.Include(context.Host.Time.GetUtcNow()))
        {
            return Note(
                UiText.Of(
                    $"{text}: it is outside the hours of the Korean market, weekdays from 09:00 to 15:45 in Korea",
                    $"{text}. 한국 시장의 거래 시간(평일 09:00~15:45)이 아닙니다"),
                UiText.Of("Run this again during these hours.", "거래 시간에 다시 실행하세요."));
        }
        return Failed(
            UiText.Of($"{text}, although the Korean market should be open", $"{text}. 한국 시장의 거래 시간인데도 오지 않습니다"),
            UiText.Of(
                "Unless today is a holiday in Korea or this instrument trades rarely (try --wait 2m, or index:0001), check that the "
                    + "account may receive this data, and ask the broker.",
                "휴장일이거나 거래가 뜸한 종목이 아니라면(--wait 2m이나 index:0001로 확인) 이 데이터를 받을 수 있는 계좌인지 확인하고 증권사에 문의하세요."),
            ExitCode.ConnectionLost);
    }
}

/// <summary>The trading hours of the Korean market. Holidays are unknown.</summary>
internal static class TradingHours
{
    private static readonly TimeOnly s_begin = new(9, 0);
    private static readonly TimeOnly s_end = new(15, 45);

    /// <summary>Whether it is a weekday in Korea, between 09:00 and 15:45.</summary>
    public static bool Include(DateTimeOffset moment)
    {
        var korea = KoreaTime.From(moment);
        return korea.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)
            && TimeOnly.FromDateTime(korea.DateTime).IsBetween(s_begin, s_end);
    }
}
