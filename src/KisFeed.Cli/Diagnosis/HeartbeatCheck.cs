namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks whether the service sends heartbeats. It seems to do so only on idle sessions, so their absence proves little.</summary>
internal sealed class HeartbeatCheck() : Check(UiText.Of("heartbeat", "PINGPONG"), isRequired: false)
{
    public override Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Finding>>([Check(context)]);

    private Finding Check(DoctorContext context)
    {
        if (context.Heartbeats.Read() is > 0 and var count)
            return Ok(UiText.Of($"{count} received and answered", $"{count}번 받고 응답함"));
        if (context.Subscription is null)
            return Skipped(UiText.Of("nothing is subscribed to", "구독한 것이 없음"));
        return Note(context.First is null
            ? UiText.Of(
                "none received, which proves nothing: intervals of 5 to 110 seconds are reported",
                "오지 않았지만 문제라고 할 수 없음: 5초에서 110초 간격으로 온다고 알려져 있습니다")
            : UiText.Of(
                "not awaited, because data was received: the service sends heartbeats on idle sessions",
                "데이터를 받았으므로 기다리지 않음: PINGPONG은 조용한 세션에 옵니다"));
    }
}
