'use client';
import { Settings } from 'lucide-react';
import { PageHeader } from '@/components/page-header';
import { Tabs } from '@/components/tabs';
import { useTab } from '@/lib/use-tab';
import { useMe } from '../session/use-session';
import { AboutTab } from './about-tab';
import { MembersTab } from './members-tab';
import { ProfileTab } from './profile-tab';
import { TokensTab } from './tokens-tab';

/** Settings of the workspace and of oneself; the tab is in the URL. */
export function SettingsPage() {
  const me = useMe().data;
  const [tab, setTab] = useTab(['members', 'tokens', 'profile', 'about']);
  if (!me) return null;
  return (
    <div className="mx-auto max-w-5xl px-6 pb-10">
      <PageHeader icon={Settings} title="Settings" path={me.workspace.name} />
      <Tabs
        label="Settings"
        value={tab}
        onChange={setTab}
        tabs={[
          { key: 'members', label: 'Members', content: <MembersTab me={me} /> },
          { key: 'tokens', label: 'Access tokens', content: <TokensTab /> },
          { key: 'profile', label: 'Profile', content: <ProfileTab me={me} /> },
          { key: 'about', label: 'About', content: <AboutTab me={me} /> },
        ]}
      />
    </div>
  );
}
