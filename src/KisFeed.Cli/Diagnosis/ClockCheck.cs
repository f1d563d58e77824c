namespace KisFeed.Cli.Diagnosis;

/// <summary>
/// Compares the clock of this machine with the times in the frames. These are whole seconds, so an event at 09:00:01 may have happened up
/// to a second later, plus the delay of the network: a difference below two seconds cannot be detected.
/// </summary>
internal sealed class ClockCheck() : Check(UiText.Of("clock", "시계"), isRequired: false)
{
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(2);

    // Frames of a simulator or a replay usually differ by more.
    private static readonly TimeSpan s_plausible = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public override Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Finding>>([Check(context)]);

    private Finding Check(DoctorContext context)
    {
        if (context is not { First.Frame: var frame, Reading.Time: { } time })
            return Skipped(UiText.Of("no frame time to compare with", "비교할 프레임 시각이 없음"));
        var age = frame.ReceivedAt - time;
        var isBroker = ServiceAddresses.Of(context.Options).IsBroker;
        if (age.Duration() >= s_plausible && !isBroker)
        {
            return Note(
                UiText.Of(
                    $"cannot be checked: the frame is from {Clock(time)} but this machine's time in Korea is {Clock(frame.ReceivedAt)}, "
                        + "so the source is a simulator or a replay",
                    $"확인할 수 없음: 프레임은 {Clock(time)}, 이 컴퓨터의 한국 시각은 {Clock(frame.ReceivedAt)}이므로 시뮬레이터나 재생임"),
                UiText.Of(
                    "Otherwise this machine's clock or time zone is wrong: compare it with another clock.",
                    "그렇지 않다면 이 컴퓨터의 시계나 시간대가 틀렸습니다. 다른 시계와 비교해 보세요."));
        }

        if (age >= -s_tolerance && age <= s_second + s_tolerance)
        {
            return Ok(UiText.Of(
                $"agrees with the frame's time, {Clock(time)} in Korea, within {s_tolerance.TotalSeconds:0} s",
                $"프레임의 한국 시각 {Clock(time)}과 {s_tolerance.TotalSeconds:0}초 안에서 일치함"));
        }
        var skew = age < TimeSpan.Zero ? age : age - s_second;
        return Warning(
            UiText.Of(
                $"this machine's clock is about {Amount(skew.Duration())} {(age < TimeSpan.Zero ? "behind" : "ahead of")} the frame's "
                    + $"time, {Clock(time)} in Korea{(age > TimeSpan.Zero ? ", or the frame was delayed" : "")}",
                $"이 컴퓨터의 시계가 프레임의 한국 시각 {Clock(time)}보다 {Amount(skew.Duration())}쯤 "
                    + $"{(age < TimeSpan.Zero ? "느림" : "빠름")}{(age > TimeSpan.Zero ? ". 또는 프레임이 늦게 옴" : "")}"),
            UiText.Of(
                "Synchronize the clock over the network (NTP): 'timedatectl set-ntp true' on Linux, 'w32tm /resync' on Windows, 'sudo "
                    + "sntp -sS time.apple.com' on macOS. ",
                "네트워크(NTP)로 시계를 맞추세요. Linux는 'timedatectl set-ntp true', Windows는 'w32tm /resync', macOS는 'sudo sntp -sS "
                    + "time.apple.com'입니다. ")
                + (isBroker
                    ? UiText.Of("Receive times, and the dates of records, depend on it.", "수신 시각과 레코드의 날짜를 시계로 정합니다.")
                    : UiText.Of(
                        "Ignore this if the source is a simulator or a replay: their times are not the current time.",
                        "시뮬레이터나 재생이면 무시하세요. 시각이 현재가 아닙니다.")));
    }

    private static string Clock(DateTimeOffset moment) => KoreaTime.From(moment).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Amount(TimeSpan skew) => skew < TimeSpan.FromMinutes(2)
        ? $"{skew.TotalSeconds:0.0} s"
        : UiText.Of($"{skew.TotalMinutes:0} min", $"{skew.TotalMinutes:0}분");
}
