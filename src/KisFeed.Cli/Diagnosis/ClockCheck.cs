namespace KisFeed.Cli.Diagnosis;

/// <summary>
/// Compares the clock of this machine with the times in the frames. These are whole seconds, so an event at 09:00:01 may have happened up
/// to a second later, plus the delay of the network: a difference below two seconds cannot be detected.
/// </summary>
internal sealed class ClockCheck() : Check("clock", isRequired: false)
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
            return Skipped("no frame time to compare with");
        var age = frame.ReceivedAt - time;
        var isBroker = ServiceAddresses.Of(context.Options).IsBroker;
        if (age.Duration() >= s_plausible && !isBroker)
        {
            return Note(
                $"cannot be checked: the frame is from {Clock(time)} but this machine's time in Korea is {Clock(frame.ReceivedAt)}, "
                    + "so the source is a simulator or a replay",
                "Otherwise this machine's clock or time zone is wrong: compare it with another clock.");
        }

        if (age >= -s_tolerance && age <= s_second + s_tolerance)
            return Ok($"agrees with the frame's time, {Clock(time)} in Korea, within {s_tolerance.TotalSeconds:0} s");
        var skew = age < TimeSpan.Zero ? age : age - s_second;
        return Warning(
            $"this machine's clock is about {Amount(skew.Duration())} {(age < TimeSpan.Zero ? "behind" : "ahead of")} the frame's time, "
                + $"{Clock(time)} in Korea{(age > TimeSpan.Zero ? ", or the frame was delayed" : "")}",
            "Synchronize the clock over the network (NTP): 'timedatectl set-ntp true' on Linux, 'w32tm /resync' on Windows, "
                + "'sudo sntp -sS time.apple.com' on macOS. "
                + (isBroker
                    ? "Receive times, and the dates of records, depend on it."
                    : "Ignore this if the source is a simulator or a replay: their times are not the current time."));
    }

    private static string Clock(DateTimeOffset moment) => KoreaTime.From(moment).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Amount(TimeSpan skew) => skew < TimeSpan.FromMinutes(2)
        ? $"{skew.TotalSeconds:0.0} s"
        : $"{skew.TotalMinutes:0} min";
}
