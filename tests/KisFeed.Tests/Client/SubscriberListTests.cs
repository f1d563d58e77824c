using System.Runtime.CompilerServices;
using KisFeed.Client;
using KisFeed.Feeds;
using KisFeed.Session;

namespace KisFeed.Tests.Client;

public sealed class SubscriberListTests
{
    [Fact]
    public void A_subscription_that_was_ended_holds_the_registration_no_more()
    {
        var attachment = NewAttachment();
        var list = new SubscriberList();
        list.Add(attachment);
        list.End(new SubscribeTimeoutException("no answer"));
        attachment.IsDetached.ShouldBeTrue("otherwise its disposal would release the registration of those who requested it again");
        attachment.Released.Task.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void Looking_through_the_subscriptions_of_a_frame_allocates_nothing()
    {
        var list = new SubscriberList();
        list.Add(NewAttachment());
        CountReceiving(list);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20_000; i++)
            CountReceiving(list);

        // Not zero: a collection in between counts the unused rest of the thread's allocation context as allocated.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(20_000);

        static int CountReceiving(SubscriberList list)
        {
            var count = 0;
            foreach (var attachment in list.Handles)
                count += attachment.IsReceiving ? 1 : 0;
            return count;
        }
    }

    [Fact]
    public void An_error_that_nobody_waits_for_is_no_unobserved_exception()
    {
        var unobserved = new List<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.InnerException is SubscribeTimeoutException)
                unobserved.Add(e.Exception);
        }

        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            EndUnwatched();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            unobserved.ShouldBeEmpty();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EndUnwatched()
    {
        var list = new SubscriberList();
        list.Add(NewAttachment());
        list.End(new SubscribeTimeoutException("no answer"));
    }

    private static SubscriptionHandle NewAttachment() =>
        new(new Registration(IndexTrade.Feed.Schema, "0001"), new FrameQueue(10, 1 << 20, OverflowPolicy.DropOldest));
}
