using System.Globalization;
using KisFeed.Wire;

namespace KisFeed.Cli.Diagnosis;

/// <summary>
/// Whether the clock of this machine agrees with the times in the frames. They are whole seconds, so that a frame of 09:00:01 tells of a moment
/// up to a second later, and it has been on its way; less than two seconds cannot be told.
/// </summary>
internal sealed class ClockCheck : ICheck
{
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(2);

    // Frames of a market that is not of now, such as a simulator's, are as a rule off by more.
    private static readonly TimeSpan s_plausible = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public string Name => "clock";

    public bool IsNeeded => false;

    public Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Finding>>([Look(context)]);

    private Finding Look(DoctorContext context)
    {
        if (context is not { First.Frame: var frame, Reading.Time: { } time })
            return new Finding(Name, FindingStatus.Skipped, "there is no time to compare it with");
        var age = frame.ReceivedAt - time;
        var isBroker = ServiceAddresses.Of(context.Options).IsBroker;
        if (age.Duration() >= s_plausible && !isBroker)
        {
            return new Finding(Name, FindingStatus.Note, $"cannot be checked: the frame is of {Clock(time)} and it is {Clock(frame.ReceivedAt)} in Korea by this machine, so this is a simulator or a replay")
            {
                Advice = "If it is neither, this machine's clock or time zone is wrong: compare it with another.",
            };
        }

        if (age >= -s_tolerance && age <= s_second + s_tolerance)
            return new Finding(Name, FindingStatus.Ok, $"agrees with the frame's time, {Clock(time)} in Korea, within {s_tolerance.TotalSeconds:0} s");
        var skew = age < TimeSpan.Zero ? age : age - s_second;
        return new Finding(Name, FindingStatus.Warning, $"this machine's clock is about {Amount(skew.Duration())} {(age < TimeSpan.Zero ? "behind" : "ahead of")} the frame's time, {Clock(time)} in Korea{(age > TimeSpan.Zero ? ", unless the frame came late" : "")}")
        {
            Advice = "Let the clock be set over the network (NTP): 'timedatectl set-ntp true' on Linux, 'w32tm /resync' on Windows, 'sudo sntp -sS time.apple.com' on macOS. "
                + (isBroker ? "Times of receipt, and the dates of records, depend on it." : "If the source is a simulator or a replay, its times are not of now and this means nothing."),
        };
    }

    private static string Clock(DateTimeOffset moment) => KoreaTime.From(moment).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Amount(TimeSpan skew) => skew < TimeSpan.FromMinutes(2)
        ? string.Create(CultureInfo.InvariantCulture, $"{skew.TotalSeconds:0.0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{skew.TotalMinutes:0} min");
}
