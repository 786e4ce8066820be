"""The homeserver dies in the middle, again and again, while both sides keep writing: every message once, in order."""

import asyncio
import os
import random
import re
import time
import unittest
from collections import Counter
from urllib.parse import quote

from agent import Agent
from house import House
from patience import eventually

KILLS = int(os.environ.get("HANDOVER_KILLS", "4"))
SEED = int(os.environ.get("HANDOVER_SEED", time.time()))

# What is waited for can come with every retry of the slowest party: the gateway's breaker, Synapse's recoverer.
LONGEST = 180.0


def numbers(texts, who):
    found = (re.search(rf"{who} (\d+)$", text) for text in texts)
    return [int(one.group(1)) for one in found if one]


class Crash(unittest.IsolatedAsyncioTestCase):
    maxDiff = None

    async def asyncSetUp(self):
        # Slow steps are no news here.
        asyncio.get_running_loop().set_debug(False)

    async def test_a_conversation_survives_kills_of_the_homeserver(self):
        chance = random.Random(SEED)
        print(f"HANDOVER_SEED={SEED} HANDOVER_KILLS={KILLS}")
        async with House(["ann"]) as house, Agent(house.synapse, "ann") as ann:
            jane = house.customer("Jane Doe")
            await jane.asks(ProblemDescription="My laptop is on fire")
            _, room = await jane.started()
            await ann.joins(room)
            await jane.is_shown("Ann")
            stop = asyncio.Event()

            async def write(say, who):
                nth = 0
                while not stop.is_set():
                    nth += 1
                    await say(f"{who} {nth}")
                    await asyncio.sleep(0.03)
                return nth

            customer = asyncio.create_task(write(jane.says, "customer"))
            agent = asyncio.create_task(write(lambda text: ann.says(room, text), "agent"))
            for _ in range(KILLS):
                await asyncio.sleep(chance.uniform(0.5, 3))
                house.synapse.kill()
                await asyncio.sleep(chance.uniform(0, 2))
                await house.synapse.start()
            await asyncio.sleep(1)
            stop.set()
            customers, agents = await customer, await agent
            print(f"{customers} messages of the customer, {agents} of the agent")

            # What the homeserver has is what both said: each once, in order.
            async def all_there():
                return customers in numbers((getattr(e, "body", "") for e in await ann.history(room)), "customer")

            await eventually("the customer's last message", all_there, LONGEST)
            bodies = [getattr(event, "body", "") for event in await ann.history(room)]
            self.assertEqual(numbers(bodies, "customer"), list(range(1, customers + 1)))
            self.assertEqual(numbers(bodies, "agent"), list(range(1, agents + 1)))

            # What the customer was shown is what the agent said: each once, in order.
            await eventually("the agent's last message", lambda: agents in numbers(jane.shown(), "agent"), LONGEST)
            shown = numbers(jane.shown(), "agent")
            lost = sorted(set(range(1, agents + 1)) - set(shown))
            doubled = [nth for nth, times in Counter(shown).items() if times > 1]
            moved = [nth for before, nth in zip(shown, shown[1:], strict=False) if nth < before]
            rows = house.synapse.ask("SELECT txn_id, event_ids FROM application_services_txns")
            print(f"lost {lost}, doubled {doubled}, out of order {moved}; never sent again by Synapse: {len(rows)} transactions")
            self.assertEqual((lost, doubled, moved), ([], [], []))

            await ann.says(room, "!end")
            await eventually("control returns", jane.returned, LONGEST)
            self.assertEqual(jane.returned(), 1)

    async def test_starts_survive_a_kill_with_one_room_each(self):
        chance = random.Random(SEED)
        async with House(["ann"]) as house, Agent(house.synapse, "ann") as ann:
            customers = [house.customer(f"jane-{nth}") for nth in range(6)]
            starts = asyncio.gather(*(jane.asks(ProblemDescription=f"problem of {jane.name}") for jane in customers))
            await asyncio.sleep(chance.uniform(0.1, 0.8))
            house.synapse.kill()
            await house.synapse.start()
            await starts
            for jane in customers:
                await jane.started()
            await eventually("six invitations", lambda: len(ann.client.invited_rooms) >= 6, LONGEST)
            for room in list(ann.client.invited_rooms):
                await ann.joins(room)
            for jane in customers:
                await eventually(f"{jane.name} is welcomed", lambda jane=jane: any("Ann" in text for text in jane.shown()), LONGEST)
            names = Counter(room.name for room in ann.client.rooms.values())
            self.assertEqual(names, {f"{jane.name}: problem of {jane.name}": 1 for jane in customers})

    async def test_a_message_sent_again_after_a_kill_is_the_same_event(self):
        """Why ghosts have a device: without one, Synapse forgets transactions when it dies."""
        async with House(["ann"]) as house, Agent(house.synapse, "ann") as ann:
            jane = house.customer("Jane Doe")
            await jane.asks()
            _, room = await jane.started()
            [(ghost,)] = house.synapse.ask("SELECT name FROM users WHERE name LIKE '@_handover_directline%'")

            async def say(transaction, device):
                path = f"client/v3/rooms/{quote(room)}/send/m.room.message/{transaction}?user_id={quote(ghost)}{device}"
                status, said = await house.ask("PUT", path, {"msgtype": "m.text", "body": transaction})
                self.assertEqual(status, 200, said)
                return said["event_id"]

            device = "&device_id=HANDOVER"
            before = await say("with", device), await say("without", "")
            self.assertEqual(await say("without", ""), before[1], "while it lives, it knows both")
            house.synapse.kill()
            await house.synapse.start()
            self.assertEqual(await say("with", device), before[0])
            self.assertNotEqual(await say("without", ""), before[1], "Synapse has learnt it: the device is needed no more")
