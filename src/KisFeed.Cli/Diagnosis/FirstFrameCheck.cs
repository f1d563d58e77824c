namespace KisFeed.Cli.Diagnosis;

/// <summary>Waits for the first frame.</summary>
internal sealed class FirstFrameCheck() : Check("first frame", isRequired: false)
{
    public override async Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken)
    {
        if (context.Subscription is not { } subscription)
            return [Skipped("nothing is subscribed to")];
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
                return [Ok($"received after {time.GetElapsedTime(start).TotalSeconds:0.0} s")];
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Timed out.
        }
        catch (KisFeedException e)
        {
            return [Failed(
                e, "The service ended the session: check whether another program uses the app key, and run this again in a minute, once.")];
        }

        return [None(context, $"none received within {context.Wait.TotalSeconds:0.#} s")];
    }

    private Finding None(DoctorContext context, string text)
    {
        if (context.Target!.Feed.IsNotice)
            return Note($"{text}: order notices are sent only when there are orders");
        if (!TradingHours.Include(context.Host.Time.GetUtcNow()))
        {
            return Note(
                $"{text}: it is outside the hours of the Korean market, weekdays from 09:00 to 15:45 in Korea",
                "Run this again during these hours.");
        }
        return Failed(
            $"{text}, although the Korean market should be open",
            "Unless today is a holiday in Korea or this instrument trades rarely (try --wait 2m, or index:0001), check that the account "
                + "may receive this data, and ask the broker.",
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
