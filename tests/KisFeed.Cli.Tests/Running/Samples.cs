using KisFeed.Cli.Gateways;
using KisFeed.Cli.Ticks;
using KisFeed.Cli.Watching;
using KisFeed.Output;
using KisFeed.Wire;

namespace KisFeed.Cli.Tests.Running;

/// <summary>The broker's published samples, passed to an output as if received.</summary>
internal static class Samples
{
    public const string Index = "0|H0UPCNT0|001|0001^091240^2624.54^2^32.68^63952^1650684^439^10335^1.26^2615.72^2624.82^2610.00^23.86^2^"
        + "32.96^2^18.14^2^0.92^1.27^0.70^0^670^72^177^0^0^0^19";
    public const string Bond = "0|H0BJCNT0|001|KR103502GD31^국고03250-5303(23-2)^131743^2^5.00^0.05^10575.00^1^10525.00^10578.00^10525.00^0."
        + "00^3.012^3.037^3.010^3.037^6594124^9874082^2";
    public const string Program =
        "0|H0STPGM0|001|005930^092237^1413444^109159646900^1189408^91931710200^-224036^-17227936700^65033^15475^-49558";
    public const string Notice = "0|H0IFCNI0|001|abcd1234^1234567803^0000001666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^"
        + "000000000^위탁계좌^삼성전자   F 2^^^^000000000";
    public const string Book = "0|H0STASP0|001|005930^093730^0^71900^72000^72100^72200^72300^72400^72500^72600^72700^72800^71800^71700^"
        + "71600^71500^71400^71300^71200^71100^71000^70900^91918^117942^92673^79708^106729^141988^176192^113906^134077^104229^95221^159371^"
        + "220746^284657^212742^195370^182710^209747^376432^158171^1159362^2095167^0^0^0^0^525579^-72000^5^-100.00^3159115^0^8^0^0^0";

    public static DateTimeOffset ReceivedAt { get; } = new(2026, 11, 20, 0, 12, 41, TimeSpan.Zero);

    /// <summary>Readers with the built-in names.</summary>
    public static TickReaders Readers() => new(new InstrumentNames(SimulatedInstruments.All));

    public static WatchTarget TargetOf(string frame)
    {
        var parts = frame.Split('|', 4);
        KisFeeds.Catalog.TryFind(parts[1], out var feed).ShouldBeTrue();
        return new WatchTarget(feed!, parts[3].Split('^')[feed!.KeyColumn]);
    }

    public static void Hand(Output<TickItem> output, WatchTarget target, string text)
    {
        DataFrame.TryParse(Encoding.UTF8.GetBytes(text), out var frame, out _).ShouldBeTrue();
        target.Feed.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        while (reader.MoveNext())
        {
            RecordJson.TryCheck(target.Feed, reader.Current, out _).ShouldBeTrue();
            output.Write(new TickItem(target, ReceivedAt, reader.Current));
        }
    }
}
