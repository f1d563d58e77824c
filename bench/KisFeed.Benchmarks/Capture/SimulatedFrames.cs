using System.Globalization;
using System.Text;

namespace KisFeed.Benchmarks.Capture;

/// <summary>Index trades that vary as on a real day: repetitions of one frame would compress unrealistically well.</summary>
internal static class SimulatedFrames
{
    public const string TrId = "H0UPCNT0";

    private const int Seed = 7;

    public static byte[][] Make(int count)
    {
        var random = new Random(Seed);
        var price = 262_454;
        var volume = 63_952L;
        var value = 1_650_684L;
        return [.. Enumerable.Range(0, count).Select(Next)];

        byte[] Next(int number)
        {
            var traded = random.Next(1, 900);
            price += random.Next(-12, 13);
            volume += traded;
            value += traded * 23;
            var at = new TimeOnly(9, 0).Add(TimeSpan.FromMilliseconds(number * 5L));
            return Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"0|{TrId}|001|0001^{at:HHmmss}^{price / 100m:0.00}^2^{(price - 259_186) / 100m:0.00}^{volume}^{value}^{traded}^"
                    + $"{traded * 23}^{(price - 259_186) / 2591.86:0.00}^2615.72^{Math.Max(price, 262_482) / 100m:0.00}^2610.00^23.86^2^"
                    + $"{random.Next(3_000, 3_400) / 100m:0.00}^2^18.14^2^0.92^1.27^0.70^0^{random.Next(640, 690)}^{random.Next(60, 90)}^"
                    + $"{random.Next(150, 200)}^0^0^0^{random.Next(10, 30)}"));
        }
    }
}
