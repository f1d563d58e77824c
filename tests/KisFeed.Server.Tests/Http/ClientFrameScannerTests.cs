using System.Text;
using FsCheck;
using FsCheck.Fluent;
using KisFeed.Server.Http;

namespace KisFeed.Server.Tests.Http;

public sealed class ClientFrameScannerTests
{
    private static readonly byte[] s_opcodes = [0x0, RawClient.Text, RawClient.Binary, RawClient.Close, RawClient.Ping, RawClient.Pong];

    [Fact]
    public void Exactly_the_pings_and_pongs_are_reported_however_the_bytes_are_split()
    {
        // Frames of any opcode with a payload of control or message size, and the length of the chunks.
        var frame = Gen.Elements(s_opcodes).SelectMany(
            opcode => Gen.OneOf(Gen.Choose(0, 125), Gen.Choose(126, opcode >= RawClient.Close ? 126 : 70_000)).Select(
                length => (Opcode: opcode, Length: opcode >= RawClient.Close ? Math.Min(length, 125) : Math.Min(length, ushort.MaxValue))));
        var input = frame.ListOf().SelectMany(frames => Gen.Choose(1, 300).Select(chunk => (Frames: frames.ToArray(), Chunk: chunk)));
        Prop.ForAll(input.ToArbitrary(), static x => Verify(x.Frames, x.Chunk)).QuickCheckThrowOnFailure();

        static void Verify((byte Opcode, int Length)[] frames, int chunk)
        {
            var payloads = frames.Select((f, i) => Encoding.ASCII.GetBytes($"{i}:".PadRight(f.Length, 'x')[..f.Length])).ToArray();
            var bytes = frames.Zip(payloads, (f, payload) => RawClient.Frame(f.Opcode, payload)).SelectMany(b => b).ToArray();
            List<string> pings = [];
            List<string> pongs = [];
            var scanner = new ClientFrameScanner(
                payload => pings.Add(Encoding.ASCII.GetString(payload)), payload => pongs.Add(Encoding.ASCII.GetString(payload)));

            foreach (var part in bytes.Chunk(chunk))
                scanner.Scan(part);

            pings.ShouldBe(PayloadsOf(RawClient.Ping));
            pongs.ShouldBe(PayloadsOf(RawClient.Pong));

            IEnumerable<string> PayloadsOf(byte opcode) =>
                frames.Zip(payloads).Where(x => x.First.Opcode == opcode).Select(x => Encoding.ASCII.GetString(x.Second));
        }
    }

    [Fact]
    public void A_message_with_an_eight_byte_length_is_skipped()
    {
        List<string> pongs = [];
        var scanner = new ClientFrameScanner(_ => { }, payload => pongs.Add(Encoding.ASCII.GetString(payload)));
        scanner.Scan([0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]);
        // Looks like pongs but is payload.
        for (var i = 0; i < 65536; i += 2)
            scanner.Scan([0x8A, 0x80]);
        pongs.ShouldBeEmpty();
        scanner.Scan(RawClient.Frame(RawClient.Pong, "x"u8.ToArray()));
        pongs.ShouldBe(["x"]);
    }

    [Fact]
    public void A_pong_longer_than_a_control_frame_is_ignored()
    {
        var pongs = 0;
        var scanner = new ClientFrameScanner(_ => { }, _ => pongs++);
        scanner.Scan(RawClient.Frame(RawClient.Pong, new byte[126]));
        scanner.Scan(RawClient.Frame(RawClient.Pong, new byte[125]));
        pongs.ShouldBe(1);
    }

    [Fact]
    public void An_unmasked_pong_is_reported_unchanged()
    {
        List<string> pongs = [];
        var scanner = new ClientFrameScanner(_ => { }, payload => pongs.Add(Encoding.ASCII.GetString(payload)));
        scanner.Scan([0x8A, 2, (byte)'h', (byte)'i']);
        pongs.ShouldBe(["hi"]);
    }
}
